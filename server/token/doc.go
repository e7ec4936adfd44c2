// Package token makes and checks everything a client shows to prove something:
// access tokens, refresh tokens, the two project keys and one-time codes.
//
// The keys behind them live in one file of the data folder, outside the
// database ([Load]), so that a copy of the database yields nothing a client
// could show. Each kind of token has a key of its own: none of them passes for
// another. The package promises that one algorithm is accepted, that every
// comparison of a secret takes the same time whatever differs, and that no key
// is ever printed by a format verb or a logger.
//
// It reads no database and knows no session: whether a good token's session
// still lives is for package identity to say.
package token
