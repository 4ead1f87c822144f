// Copyright (c) eightbyeight.scim contributors
// GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
//
// Serve the plugin scim of better-auth, with users in memory: node serve_better_auth.js PORT TOKEN
import http from "node:http";
import { scim } from "@better-auth/scim";
import { betterAuth } from "better-auth";
import { memoryAdapter } from "better-auth/adapters/memory";
import { toNodeHandler } from "better-auth/node";

const [port, token] = process.argv.slice(2);
const USERS = `http://127.0.0.1:${port}/api/auth/scim/v2/Users`;
const heard = [];
const own = ["ConnectionBinding", "IdentityTombstone", "Subject", "User", "ProjectionGrant", "Group", "GroupMember"];
const tables = ["user", "session", "account", "verification", ...own.map((name) => `scim${name}`)];

const auth = betterAuth({
    baseURL: `http://127.0.0.1:${port}`,
    // It signs nothing here: nobody logs in.
    secret: "a secret of a test, and of nothing else",
    database: memoryAdapter(Object.fromEntries(tables.map((name) => [name, []]))),
    plugins: [scim({ connections: [{ id: "test", credentials: [{ id: "test", token }] }] })],
});
const handler = toNodeHandler(auth);

// What it holds, read by its own interface beside HTTP.
async function users() {
    const found = [];
    for (;;) {
        const query = `${USERS}?startIndex=${found.length + 1}`;
        const page = await (await auth.handler(new Request(query, { headers: { authorization: `Bearer ${token}` } }))).json();
        found.push(...page.Resources);
        if (page.Resources.length === 0 || found.length >= page.totalResults) return found;
    }
}

http.createServer(async (request, response) => {
    if (request.url === "/state") {
        response.setHeader("content-type", "application/json");
        response.end(JSON.stringify({ users: await users(), heard }));
        return;
    }
    heard.push(request.method);
    await handler(request, response);
}).listen(Number(port), "127.0.0.1");
