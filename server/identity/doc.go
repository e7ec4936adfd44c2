// Package identity is the use-cases around accounts: one-time codes, passwords,
// sessions, and the question every request asks, who is calling.
//
// What it promises: a code has one winner however many ask at once, and dies
// after a few wrong guesses that are counted, and committed, before anything is
// compared. A refresh token that was superseded is forgiven once and destroys
// its session when a thief shows it. A session that ended is refused at once in
// this process. Known and unknown addresses cost the same work where the
// contract wants them to look alike. Limits hold without configuration, and
// everything kept in memory is bounded.
//
// It knows no HTTP and no SQL text. It never sends mail inside a request or a
// transaction, never logs a code, a token or a password, and stores none of the
// three.
//
// # Records
//
// What touches an account leaves an audit record: user_created, user_invited,
// user_changed, user_banned, user_unbanned, user_deleted, link_made (all by the
// operator), code_sent, code_issued (on the machine itself), code_unknown,
// code_failed, code_paused, login,
// password_failed, refresh, reuse, logout, password_change, mail_failed,
// mail_dropped. Some of them are what the limits count, so that a restart
// forgives nothing. A record about an address without an account carries a user
// id derived from the address, which belongs to nobody: so both kinds of
// address are limited by the same rule.
package identity
