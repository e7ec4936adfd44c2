// Package contract holds what the server answers against the OpenAPI document of
// server/v1. It is for tests: the helpers in cmd/app/apptest give it every answer
// they get, so that no test passes on an answer the document does not have.
//
// It is stricter than the document says to clients: a property that is not
// written down is a fault, although clients have to ignore what they do not know.
package contract
