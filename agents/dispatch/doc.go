// Package dispatch decides who answers a message in Team Chat: one tmate, with a
// reason a person can read.
//
// [Choose] is a pure function of the message, the roster and what was said
// before. It looks at four things, in falling order of strength: who is
// addressed, whom a follow-up goes on with, whose manifest matches, and who
// stands first on the team. When two tmates come close, or nothing points at
// anybody, the choice says that it is undecided; it still names its best guess.
// Only then a [Router] may ask a model, and whatever goes wrong there leaves the
// guess: a message never has two answers.
//
// [Called] finds whom a tmate's own reply hands over to.
package dispatch
