// Copyright (c) eightbyeight.scim contributors
// GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
//
// Serve scimmy by scimmy-routers, with users in memory: node serve_scimmy.js PORT TOKEN [merge]
// Express 4, for which scimmy-routers is made: with Express 5 it does not see the parameters of a list.
// With "merge", a PUT changes what it names and leaves the rest, as many handlers for scimmy do.
import { randomUUID } from "node:crypto";
import express from "express";
import SCIMMY from "scimmy";
import SCIMMYRouters from "scimmy-routers";

const [port, token, merge] = process.argv.slice(2);
const users = new Map();
const heard = [];

const missing = (id) => new SCIMMY.Types.Error(404, null, `Resource ${id} not found`);

SCIMMY.Resources.declare(SCIMMY.Resources.User, {
    extensions: [{ schema: SCIMMY.Schemas.EnterpriseUser, required: false }],
})
    .declared("User")
    .ingress((resource, data) => {
        const before = resource.id === undefined ? undefined : users.get(resource.id);
        if (resource.id !== undefined && before === undefined) throw missing(resource.id);
        const given = JSON.parse(JSON.stringify(data));
        for (const [id, user] of users) {
            if (id !== resource.id && user.userName.toLowerCase() === given.userName.toLowerCase()) {
                throw new SCIMMY.Types.Error(409, "uniqueness", `userName ${given.userName} is taken`);
            }
        }
        const now = new Date().toISOString();
        const id = resource.id ?? randomUUID();
        const user = {
            ...(merge === "merge" ? before : {}),
            ...given,
            id,
            meta: { created: before?.meta.created ?? now, lastModified: now },
        };
        users.set(id, user);
        return structuredClone(user);
    })
    .egress((resource) => {
        if (resource.id !== undefined) {
            if (!users.has(resource.id)) throw missing(resource.id);
            return structuredClone(users.get(resource.id));
        }
        const all = structuredClone([...users.values()]);
        return resource.filter === undefined ? all : resource.filter.match(all);
    })
    .degress((resource) => {
        if (!users.delete(resource.id)) throw missing(resource.id);
    });

const application = express();
application.get("/state", (_request, response) => response.json({ users: [...users.values()], heard }));
application.use((request, _response, next) => {
    heard.push(request.method);
    next();
});
application.use(
    "/scim/v2",
    new SCIMMYRouters({
        type: "bearer",
        handler: (request) => {
            if (request.header("Authorization") !== `Bearer ${token}`) throw new Error("The token is wrong");
            return "client";
        },
    }),
);
application.listen(Number(port), "127.0.0.1");
