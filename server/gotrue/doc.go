// Package gotrue speaks the auth contract under /auth/v1: routes, JSON shapes,
// status codes and headers that clients built on supabase-js expect. What is
// allowed and what happens is decided in package identity; this package only
// decodes, calls and encodes.
//
// It promises a JSON body on every answer but 204, one of the contract's two
// error shapes on every failure, the routing errors included, CORS headers on
// every answer, and that a failure of ours on GET /user or a refresh is 503 and
// never anything a client takes for the end of its login. It never tells what
// failed inside and never logs a body, a query or a header.
//
// Below /admin, and for invitations, the caller shows the service key. Links that
// log in exist only where the operator had them made: mails carry codes.
//
// Not served: OAuth, second factors, SSO, passkeys, linked identities, e-mail
// change by users and links in mails. Their routes answer errors of the contract.
package gotrue
