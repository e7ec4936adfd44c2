// Package registry knows the tmates of this installation: those embedded in the
// program and those in the data folder's tmates/, one folder for each.
//
//	<key>/manifest.yaml       who the tmate is; upstream's keys keep their meaning, and
//	                          tmates/v1 adds sections of its own ([ManifestSchema])
//	<key>/prompts/brain/      system.txt, cognition.txt, affect.txt, behavior.txt
//	<key>/rules.yaml          answers without a model (package rules); optional
//
// It promises that looking a tmate up never touches the disk, that one broken
// folder never hides another tmate, and that a change on disk is served within
// five seconds. A folder in the data folder wins over an embedded tmate of the
// same key, and both win over one of a catalog. A folder that breaks while the
// process runs keeps its last good version; one that is broken at the start is
// left out (the embedded tmate of that key, if any, stays). What is wrong is
// listed by [Registry.Problems]; [Lint] looks closer, for whoever writes a tmate, and
// [Scaffold] makes one to begin with.
//
// It never runs anything from a folder (Python files are noted and ignored),
// never follows a link out of the tmates folder, never keeps or shows the value
// of an environment variable, and never opens a connection.
package registry
