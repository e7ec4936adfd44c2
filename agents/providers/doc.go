// Package providers keeps the model services a server can ask: those of the
// configuration, and those that were saved while it ran. It says which of them
// answer for a tmate, and in which order ([Set.For]), and lets the people in charge
// look at services, test, save and remove them.
//
// # Promises
//
//   - Nothing connects unasked. A service is contacted for a turn, or because
//     somebody asked for its models, a test or a detection; never at the start of
//     the program, by a list or by time.
//   - A provider is saved only after a live list of its models and an answer of one
//     token ([Set.Save]).
//   - A change takes effect at once and as a whole. A turn that runs keeps the brain
//     it began with.
//   - No more requests than a provider's Concurrency run at a time; others wait in
//     line, and leave it when their context ends.
//   - Keys are never in a list, a report, an error or the file of definitions.
//
// # What is kept where
//
// Definitions and the chosen default are in providers.yaml in the data folder, keys
// are beside the other secrets (see [Keys]). Providers of the configuration are
// kept nowhere and cannot be changed here.
//
// # Which addresses
//
// A saved provider may be on this machine or in its network: that is where people
// have their models. What it may not be is a link-local address or the metadata
// service of a cloud, whose answers are credentials; this is checked for what is
// written and for what a name leads to. Redirects to another origin are not
// followed. A provider of the configuration may be anywhere.
package providers
