// Package cmd is the command line: one file a command, built on cobra.
//
// Every command that needs the data folder works while a server has it open, by
// asking that server, and while none does, by opening the folder itself. Exit
// codes: 0 ok, 1 failed, 2 wrong usage, 3 not ready. An error says what to type
// next. Nothing is asked when standard input is no terminal.
package cmd
