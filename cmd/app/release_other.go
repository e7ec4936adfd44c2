//go:build !linux

package app

// releaseProgram does nothing: other systems do not count the program's file as
// memory of the process, or know no way to say that it is not needed.
func releaseProgram() {}
