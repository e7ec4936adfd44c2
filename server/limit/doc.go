// Package limit bounds what a stranger can make the server spend: tries per
// key ([Rate]), values in a JSON text ([JSON]), time to send a body ([Body]),
// and things done at a time ([Turns]). Everything it keeps is of bounded size itself.
//
// It decides nothing: what is refused, and how that is said, is the contract's.
package limit
