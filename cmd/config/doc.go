// Package config turns defaults, one file, the environment and the command line
// into one typed and validated [Config], each layer winning over the one before.
//
// The package promises that a Config it returns is within every bound, that a
// misspelt key or variable is an error with a hint and never silently ignored,
// that all problems are reported at once with the file and line, variable or
// flag they come from, and that no secret is printed, logged or marshalled.
// Every key is a row of one table (rules.go); tmates.example.yaml lists the
// same keys with the same defaults.
//
// It never reads the process environment or the home directory by itself, never
// writes a file, never opens a connection and never watches for changes.
package config
