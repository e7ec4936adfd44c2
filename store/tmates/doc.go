// Package tmates holds the nouns of the product and the rules that need no
// input or output. It imports nothing of the project, so every room can speak
// its words.
//
// # Glossary
//
//   - tmate: an AI teammate, known by its key. Not "agent" or "bot"; the wire
//     says agent_key because the upstream contract does.
//   - catalog: the list of tmates somebody publishes elsewhere. An offer is its
//     entry for one tmate, a bundle the archive with the tmate's folder.
//   - hire: the fact that an organisation employs a tmate. Dismissing a tmate
//     makes the hire inactive; its threads and history stay.
//   - organisation: the people who share hires, the Pinboard and the plan. Not
//     "workspace" or "tenant".
//   - member: a user's place in an organisation, with a role.
//   - plan: a named set of limits. A subscription is an organisation's choice of
//     one; an action is one finished job, which counts against it.
//   - user: a person with an account. The caller of a use-case is always an
//     argument, never read from a context.
//   - session: a login of a user (see [Session]). A conversation session is the
//     text that keys a tmate's memory in a thread (see [SessionID]).
//   - thread: a conversation owned by one user; direct (with one tmate) or the
//     group thread called Team Chat. Not "chat", "room" or "channel".
//   - message: one entry of a thread, numbered by a server-wide seq.
//   - job: one piece of background work, usually one tmate's answer to one
//     message.
//   - turn: what a tmate does during a job of a thread.
//   - hop: a turn of Team Chat that a colleague's reply asked for. The hops that
//     follow one message of a person are a chain.
//   - child: a job that another one, its parent, waits for and runs.
//   - post: an entry of the Pinboard. Not "note" or "article".
//   - memory: one fact a tmate keeps for a user in a conversation session.
//   - event: something a user's sockets are told after it was committed.
package tmates
