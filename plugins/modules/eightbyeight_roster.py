#!/usr/bin/python
# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: eightbyeight_roster
short_description: Bring a whole list of users to an 8x8 phone system
version_added: 0.1.0
description:
  - Compares a list of people, such as the export of the HR system, with an 8x8 X Series tenant, and creates, updates, activates
    and deactivates users until they agree. It reads all users, or only looks up the people in O(users), whichever takes
    fewer requests. After that, only a difference costs a request.
  - The whole plan is checked before the first write. Changes beyond O(limits) are refused, and so are deactivations because
    of an incomplete listing. This is the same in check mode.
  - Creations and updates go first, deactivations last. If one row fails, the others are still done, unless O(on_error) or
    O(max_failures) says otherwise. The task fails if a row failed or was refused, and its result has everything that was
    done.
  - If a run was killed, run it again. Nobody is created twice.
options:
  users:
    description:
      - The people, one dictionary each, with the keys O(eightbyeight.scim.eightbyeight_user#module:user_name),
        RV(ignore:user_id), RV(ignore:given_name), RV(ignore:family_name), RV(ignore:email), RV(ignore:external_id),
        RV(ignore:title), RV(ignore:department), RV(ignore:site), RV(ignore:locale), RV(ignore:timezone),
        RV(ignore:phone_numbers), RV(ignore:active) and RV(ignore:state), with the same meaning as in
        M(eightbyeight.scim.eightbyeight_user). Instead of RV(ignore:phone_numbers), RV(ignore:mobile) and
        RV(ignore:work_phone) give one number each, and a number of the other type is left alone.
      - RV(ignore:state) is V(present) or V(absent). V(absent) deactivates, changes nothing else and never creates.
      - RV(ignore:starts) and RV(ignore:ends) are the first and the last moment of a person. Each is a date such as
        C(2026-12-01), which is a day in O(dates_timezone), or a time such as C(2026-12-01T17:00), by the clock of
        O(dates_timezone), C(2026-12-01T17:00:00Z) or C(2026-12-01T17:00:00+01:00). A date means the start of the day for
        RV(ignore:starts), and the end of the day for RV(ignore:ends). A time means that moment. A midnight with an offset
        other than C(Z), such as C(2026-12-01T00:00:00+01:00), is the way that exports write a day, and counts as that day in
        its own time zone. YAML changes C(Z) to C(+00:00) unless the value is quoted.
      - Before RV(ignore:starts) nobody is created or activated, and RV(results) shows the row as V(waiting). A user who
        already exists is still updated. RV(ignore:starts) never activates a deactivated user; only C(active=true) does.
      - After RV(ignore:ends) the row means C(state=absent), for any value of RV(ignore:active). In a row with
        C(state=absent), RV(ignore:ends) says when the person leaves; until then the row is V(waiting), and RV(ignore:starts)
        does not matter.
      - A key that is left out leaves the attribute alone. This is true for RV(ignore:active) too, so a deactivated user stays
        deactivated unless the row says C(active=true); a warning names these users, see O(on_inactive). A user who is created
        is active unless the row says otherwise.
      - An empty RV(ignore:site), RV(ignore:active), RV(ignore:state), RV(ignore:starts) or RV(ignore:ends) counts as left out,
        and another empty value clears the attribute. In sources that have only text, such as CSV, C(~) leaves an attribute
        alone, RV(ignore:active) may be C(yes) or C(no), and RV(ignore:phone_numbers) may be JSON.
      - A number for a phone number, an external id, a login name or an id is refused, and so is a boolean or a date for any
        text, because YAML has already changed it. Quote such values.
      - A row is matched by RV(ignore:user_id), then RV(ignore:external_id), then RV(ignore:user_name) without case. If these
        match different users, the row is refused as ambiguous. So is a row whose login name belongs to a user with
        another external id, another given name and another family name, unless it gives RV(ignore:user_id). If all users were
        read, so is a row whose login name only looks like that of a user, because 8x8 has it with an invisible character or
        a blank at an end.
      - If there are unknown keys, wrong types or duplicates, the whole roster is refused. RV(problems) has the first
        thousand, and RV(ignore:msg) names a problem that many rows share once, with its column.
      - A site that differs from the site of other users only in case or blanks is refused, in check mode too.
      - A list, the whole result of the filter P(eightbyeight.scim.roster_from#filter), or the JSON text of either. With a
        result of the filter, RV(problems) has the problems of the export, and a warning says why the export may not contain
        everybody.
      - One of O(users) and O(apply_plan) is required.
    type: raw
  as_of:
    description:
      - The moment that RV(ignore:starts) and RV(ignore:ends) of O(users) are compared with, now unless given. A date is the
        start of that day. To see what will change on a later day, make a plan for it in check mode.
      - A plan stores this moment, and its dates are not checked again when it is applied. Cannot be combined with
        O(apply_plan).
    type: str
  dates_timezone:
    description:
      - The time zone of the dates in O(users), an IANA name such as C(Europe/Berlin). Names other than V(UTC) need the time
        zone database on the machine where the module runs.
    type: str
    default: UTC
  unlisted:
    description:
      - What to do with active users of the tenant who are in no row. V(ignore) them, V(report) them in RV(results), or
        V(deactivate) them. With O(apply_plan), only V(ignore) is allowed.
      - If 8x8 shows fewer users than it announces, nobody is deactivated. With V(deactivate) the task then does everything
        else, and fails at the end.
      - If O(users) is a result of P(eightbyeight.scim.roster_from#filter) that cannot contain everybody, V(deactivate) is
        refused (RV(error.kind=bad_roster)), and nothing is changed, see O(allow_partial).
    type: str
    choices: [ignore, report, deactivate]
    default: ignore
  allow_partial:
    description:
      - Whether O(unlisted=deactivate) is allowed with an export that may not contain everybody. Then users who are missing
        in it are deactivated, within O(limits).
    type: bool
    default: false
  protected:
    description:
      - Login names that are never changed, with C(*), C(?) and C([...]) as wildcards, compared without case. Blanks and
        invisible characters around an entry are removed, and an entry with commas counts as several entries. An empty entry
        is refused, and so is an entry with an invisible character inside.
      - If they match everybody, a warning says so. If all users were read, a warning names entries that match nobody.
    type: list
    elements: str
    default: []
  limits:
    description:
      - How many changes of a kind one run may make, with the keys C(create), C(update), C(deactivate), C(reactivate) and
        C(clear), which counts people who lose a value without getting another one. Each is a count, a percentage of the users
        that the tenant shows such as C("5%"), or both such as C("5% or 10"), of which the larger counts. A number equal to
        the limit is allowed.
      - The defaults are C(create="25% or 25"), C(deactivate="10% or 2"), C(reactivate="5% or 5") and C(clear="10% or 10").
        C(update) has no limit unless given, and C(create) has none while the tenant has no users.
      - A plan that is applied with its O(plan_digest) keeps the limits that it was made with, and O(limits) of the task can
        only make them stricter. An undo has no limits. A plan without O(plan_digest) is checked like a new plan.
      - If a limit is exceeded, nothing is changed.
    type: dict
    default: {}
  plan_file:
    description:
      - Where to write the plan, as JSON. Write it in check mode to have it approved before it is applied.
      - On the machine that runs Ansible, a relative path starts beside the playbook, as for any module. This is true for the
        other files too.
      - Cannot be combined with O(apply_plan).
    type: path
  apply_plan:
    description:
      - Apply the plan in this file, and nothing else. It must be for this tenant, unchanged and not expired, and must not
        have a date in the future.
      - Each user is read again first. If a user has neither the old nor the new values of the plan, only this user is
        refused.
      - O(limits) and O(protected) of this task are checked too.
      - Cannot be combined with O(users) or O(plan_file).
    type: path
  plan_digest:
    description:
      - The digest of the plan that was approved. Another plan is refused.
    type: str
  plan_valid_for:
    description:
      - How long a plan may be applied, a number with the unit V(m), V(h), V(d) or V(w). An O(undo_file) is good for 30 days.
    type: str
    default: 24h
  undo_file:
    description:
      - Where to write a plan that undoes the changes of this run, for O(apply_plan). It deactivates users who were created,
        because 8x8 deletes nobody, and a site that was set stays. Applied with its digest as O(plan_digest), it has no
        O(limits).
      - It is complete before the first write, so that you can use it after a run that was killed. At the end it has only
        what this run really changed. The undo file of an earlier run is kept under the same name with the time of its last
        change.
    type: path
  journal_file:
    description:
      - A file to which one line is added for each step of each operation - intended, sent, confirmed or failed.
      - With a journal, users who were changed by somebody else between two runs are reported once in RV(changed_elsewhere).
        Only users whom a run reads are compared, see RV(read); changes by this collection do not count. Check mode adds
        nothing to the journal, unless it writes a O(plan_file).
      - If the journal cannot be written any more, the run ends.
      - It must be a file and not a symbolic link.
    type: path
  failed_file:
    description:
      - Where to write rows that failed or were refused, as CSV in the form of O(users) with the reason in the first column.
        Correct the rows and use the file as O(users). It is not written if there are none.
      - With O(apply_plan) a row has the values of the plan for that user. Rows that were refused when this plan was made,
        and written to the same file, stay in it.
    type: path
  on_inactive:
    description:
      - What to do with a row of a deactivated user that does not give RV(ignore:active). With V(leave) the user stays
        deactivated, other attributes are updated, and one warning names all of these users. With V(refuse) the row is refused
        with RV(error.kind=inactive_user) and the manual action V(confirm_return).
    type: str
    choices: [leave, refuse]
    default: leave
  on_error:
    description:
      - Whether to V(continue) with the others after a row failed, or to V(stop).
      - A failure that is not about one user always ends the run. These are a token that is rejected, no right to write, a
        server that accepts nothing for O(retry_budget), and the same refusal of the first five rows. Then RV(error) has this
        failure, and rows that were not tried are V(skipped). Until the first success only two writes are sent at a time.
      - If 8x8 refuses a value for five rows and accepts it for none, such as the name of a site, it is not sent for the
        other rows.
    type: str
    choices: [continue, stop]
    default: continue
  max_failures:
    description:
      - Stop after this many rows failed.
    type: int
  canary:
    description:
      - Apply this many rows first, read them again, and continue only if all of them succeeded.
    type: int
  concurrency:
    description:
      - How many requests may run at the same time, from 1 to 64.
    type: int
    default: 8
  requests_per_minute:
    description:
      - How many requests may be sent in a minute. Without it, the rate is learned from the answers of the server.
    type: int
  progress:
    description:
      - Whether to show a line every few seconds while it works, on standard error. This works only if the module runs inside
        the controller; otherwise follow O(journal_file).
    type: bool
    default: true
  return_unchanged:
    description:
      - Whether RV(results) also has the rows of unchanged users.
    type: bool
    default: false
extends_documentation_fragment:
  - eightbyeight.scim._actions
  - eightbyeight.scim._auth
  - eightbyeight.scim._attributes
  - eightbyeight.scim._attributes.actiongroup_eightbyeight
attributes:
  check_mode:
    support: full
    details:
      - Check mode also writes O(plan_file) and O(failed_file).
  diff_mode:
    support: full
    details:
      - One hunk for each user.
      - The arguments in the result have the number of rows instead of O(users).
  idempotent:
    support: full
    details:
      - See M(eightbyeight.scim.eightbyeight_user) for values that 8x8 stores differently.
notes:
  - Files that this module writes have data of people. They have mode C(0600), and are always replaced as a whole. A symbolic
    link is replaced by the file, and its target is left alone.
  - A task locks its files while it runs. A second task with one of these files fails immediately, with
    RV(error.kind=locked), before anything is sent. A task that was killed leaves no locks. Locks work between machines only
    if the file system supports them, as NFS does with its lock service. If it does not, a warning says so.
  - O(retry_budget) counts for each user here, and if the server accepts nothing for that long, the run ends. A pause after
    429 stops all requests and does not count for a user.
  - Users who were changed by somebody else between the listing and the write are read again. Attributes that the roster
    leaves alone are kept, and RV(changed_elsewhere) names these users. A change in the moment of a PUT is kept only if 8x8
    gives versions, see the notes of M(eightbyeight.scim.eightbyeight_user).
seealso:
  - module: eightbyeight.scim.eightbyeight_user
author:
  - eightbyeight.scim contributors (@ansible-collections)
"""

EXAMPLES = r"""
- name: Bring a list to the tenant
  eightbyeight.scim.eightbyeight_roster:
    users:
      - user_name: ada@example.org
        given_name: Ada
        family_name: Lovelace
        email: ada@example.org
        site: London
      - user_name: grace@example.org
        given_name: Grace
        family_name: Hopper
        email: grace@example.org
        active: false

- name: Plan, and have it approved
  eightbyeight.scim.eightbyeight_roster:
    users:
      - user_name: ada@example.org
        title: Senior Analyst
    unlisted: report
    plan_file: /tmp/roster-plan.json
  check_mode: true
  register: planned

- name: Apply what was approved
  eightbyeight.scim.eightbyeight_roster:
    apply_plan: /tmp/roster-plan.json
    plan_digest: "{{ planned.plan.digest }}"
    undo_file: /tmp/roster-undo.json

- name: Bring a list with dates, which changes nobody before the day
  eightbyeight.scim.eightbyeight_roster:
    users:
      - user_name: katherine@example.org
        given_name: Katherine
        family_name: Johnson
        email: katherine@example.org
        starts: "2026-12-01"
      - user_name: ada@example.org
        ends: "2027-06-30"
    dates_timezone: Europe/London
    as_of: "2026-11-25"

- name: Put it back
  eightbyeight.scim.eightbyeight_roster:
    apply_plan: /tmp/roster-undo.json
"""

RETURN = r"""
summary:
  description: How many users were created, updated and so on, or would be in check mode.
  type: dict
  returned: always
  contains:
    created: {description: Created., type: int, sample: 2}
    updated: {description: Updated., type: int, sample: 5}
    activated: {description: Activated again., type: int, sample: 0}
    deactivated: {description: Deactivated., type: int, sample: 1}
    unchanged: {description: As they should be., type: int, sample: 392}
    inactive:
      description: Users who are and stay deactivated, because their row does not say C(active). They are also counted above.
      type: int
      sample: 0
    waiting: {description: Rows whose time has not come., type: int, sample: 0}
    unlisted: {description: Active users whom no row names., type: int, sample: 3}
    protected: {description: Left alone because of O(protected)., type: int, sample: 1}
    failed: {description: Tried and failed., type: int, sample: 0}
    refused: {description: "Not tried, because of a guard or because 8x8 cannot do it.", type: int, sample: 0}
    skipped: {description: Not tried because the run ended before., type: int, sample: 0}
results:
  description: Every user who is not simply unchanged; with O(return_unchanged) every row.
  type: list
  elements: dict
  returned: always
  contains:
    row:
      description: The position in O(users), from 1, or V(null) for a user in no row.
      type: int
      sample: 17
    user_name:
      description: The login name.
      type: str
      sample: ada@example.org
    id:
      description: The id that 8x8 made, where there is one.
      type: str
      sample: hvOB1l3zDCaDAwp9tNLzZA
    operation:
      description: As in M(eightbyeight.scim.eightbyeight_user).
      type: str
      sample: updated
    status:
      description:
        - V(planned) in check mode, V(done), V(failed), V(refused), V(protected), V(unlisted), V(unchanged) if somebody else
          was faster, V(waiting) if the row has not started yet, or V(skipped) if the run ended before.
      type: str
      sample: done
    changes:
      description: The attributes that change, C(before) and C(after).
      type: dict
      sample: {before: {title: Analyst}, after: {title: Senior Analyst}}
    user:
      description:
        - The user afterwards, or as it would be in check mode, as in M(eightbyeight.scim.eightbyeight_user). V(null) if
          there is none, or if it is not known.
      type: dict
      sample: {id: hvOB1l3zDCaDAwp9tNLzZA, user_name: ada@example.org, active: true}
    not_stored:
      description: Names of the attributes that 8x8 stored differently, in this run or an earlier one.
      type: list
      elements: str
      sample: []
    error:
      description: What went wrong, as in RV(error), with a C(message). V(null) if nothing did.
      type: dict
      sample: null
plan:
  description: The plan that was made or applied.
  type: dict
  returned: always
  contains:
    digest:
      description: Its fingerprint.
      type: str
      sample: "sha256:9f2c0b6e"
    expires:
      description: Until when it can be applied.
      type: str
      sample: "2026-03-03T09:30:00Z"
    forecast:
      description:
        - What applying it takes.
        - Two things are not known before the first write. If the server answers a C(POST) or a C(PUT) without the whole
          user, or stores a value differently, each of these costs one more C(GET). A refused change costs more or less.
      type: dict
      contains:
        requests:
          description: How many requests.
          type: int
          sample: 12
        seconds:
          description: About how many seconds, at the allowed rate.
          type: float
          sample: 1.4
        by_verb:
          description: How many requests of each verb.
          type: dict
          sample: {GET: 7, PUT: 5}
requests:
  description: How many requests were really sent, by verb.
  type: dict
  returned: always
  sample: {GET: 12, PUT: 5}
read:
  description: How the tenant was read, and why. It begins with V(lookups), V(listing) or V(plan). V(null) if it was not read.
  type: str
  returned: always
  sample: lookups, because 3 rows take fewer requests than 100 pages
complete:
  description: Whether as many users were read as 8x8 announced. Always V(true) for look-ups, because the filter is tested
    first.
  type: bool
  returned: always
  sample: true
manual_actions:
  description: What a person must still do in Admin Console, because SCIM cannot. Empty when nothing changed.
  type: list
  elements: dict
  returned: always
  contains:
    action:
      description:
        - What to do, as a stable word. V(assign_license), V(assign_phone_line), V(assign_profile), V(set_cost_center),
          V(set_profile_picture), V(enable_directory_visibility) and V(set_site) after a creation. V(save_voicemail),
          V(decide_phone_number), V(end_sessions), V(reclaim_license) and V(delete_record) after a deactivation.
          V(change_site), V(check_site), V(rename_user), V(deactivate_user) and V(activate_user) for a change that 8x8
          refuses, or accepts and does not do. V(confirm_return) if M(eightbyeight.scim.eightbyeight_roster) refuses a row of
          a deactivated user.
      type: str
      sample: assign_license
    user_name:
      description: The login name of the user.
      type: str
      sample: ada@example.org
    user_id:
      description: The id of the user, if there is one.
      type: str
      sample: hvOB1l3zDCaDAwp9tNLzZA
    reason:
      description: Why.
      type: str
      sample: SCIM cannot assign an X Series license; without one there is no phone service.
    where:
      description: The page of Admin Console.
      type: str
      sample: Admin Console > Home > Users > ada@example.org
diff:
  description: One entry for each user who changes, as in M(eightbyeight.scim.eightbyeight_user). Shown with C(--diff).
  type: list
  elements: dict
  returned: always
  sample:
    - before_header: user ada@example.org
      after_header: user ada@example.org
      before: {title: Analyst}
      after: {title: Senior Analyst}
problems:
  description:
    - What is wrong with O(users) when it was refused whole, up to a thousand entries. RV(ignore:msg) has their number.
    - Otherwise the problems that the filter P(eightbyeight.scim.roster_from#filter) found in the export, with its rows and
      columns.
  type: list
  elements: dict
  returned: always
  contains:
    row:
      description: The position of the row, from 1.
      type: int
      sample: 3
    column:
      description: The key.
      type: str
      sample: titel
    message:
      description: What is wrong with it.
      type: str
      sample: unknown key, did you mean title?
changed_elsewhere:
  description: Login names of users who were changed by somebody else since the plan was made, since the last run of
    this journal, or while this run was under way.
  type: list
  elements: str
  returned: always
  sample: []
error:
  description:
    - What went wrong, for conditions in playbooks. The text for people is in RV(ignore:msg).
    - Never contains a request or response body, a header, or the token.
  type: dict
  returned: failure
  contains:
    kind:
      description:
        - A stable word. Among them V(token_rejected), V(forbidden), V(not_write_client), V(wrong_customer), V(gateway),
          V(rate_limited), V(server_error), V(timeout), V(connection_lost), V(unreachable), V(proxy), V(tls),
          V(missing_library), V(wrong_library), V(wrong_python), V(redirect_refused), V(bad_answer), V(too_large),
          V(bad_option), V(filter_refused), V(filter_ignored), V(ambiguous), V(incomplete_listing), V(user_not_found),
          V(user_name_taken), V(user_name_taken_elsewhere), V(user_name_fixed), V(site_fixed), V(unknown_site),
          V(missing_attributes), V(changed_meanwhile), V(not_applied), V(not_confirmed), V(conflict), V(not_supported),
          V(refused), V(bad_roster), V(limit_exceeded), V(bad_plan), V(inactive_user), V(plan_not_approved), V(plan_expired),
          V(wrong_tenant), V(locked), V(row_moved), V(canary_failed), V(rows_failed).
      type: str
      sample: token_rejected
    status:
      description: The HTTP status, or V(null) if no answer came.
      type: int
      sample: 401
    scim_type:
      description: The SCIM error type, if the server gave one.
      type: str
      sample: uniqueness
    detail:
      description: The server's own explanation in one line, without the token.
      type: str
      sample: User already exists
    method:
      description: The HTTP verb of the request that failed.
      type: str
      sample: GET
    path:
      description: Its path below the SCIM base URL.
      type: str
      sample: /Users
"""

from ansible_collections.eightbyeight.scim.plugins.module_utils._module.old_python import refuse_old_python


def main():  # type: () -> None
    refuse_old_python("ROSTER")

    # An old Python cannot compile what follows.
    from ansible_collections.eightbyeight.scim.plugins.module_utils._module.argspec import ROSTER
    from ansible_collections.eightbyeight.scim.plugins.module_utils._module.exit import run_module
    from ansible_collections.eightbyeight.scim.plugins.module_utils._module.roster_entry import manage_roster

    run_module(ROSTER, manage_roster)


if __name__ == "__main__":
    main()
