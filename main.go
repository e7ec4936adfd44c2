// Command tmates is a team of AI teammates in one file: server, client and
// administration. README.md is the guide, `tmates help` lists the commands.
package main

import (
	_ "embed"
	"os"

	"github.com/tmates/tmates/cmd"
)

// example is embedded here because an embed pattern cannot reach upward.
//
//go:embed tmates.example.yaml
var example string

func main() {
	os.Exit(cmd.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, example))
}
