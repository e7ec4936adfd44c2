package cmd

import (
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
)

// words splits a shell line; the README quotes only with double quotes.
var words = regexp.MustCompile(`"[^"]*"|\S+`)

// TestReadmeCommandsExist looks up every command line the README shows, with its
// flags and its number of arguments.
func TestReadmeCommandsExist(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, block := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(string(readme), -1) {
		for line := range strings.Lines(block[1]) {
			args := words.FindAllString(strings.TrimSpace(line), -1)
			for len(args) > 0 && strings.Contains(args[0], "=") { // variables before the command
				args = args[1:]
			}
			switch {
			case len(args) > 2 && args[0] == "go" && args[1] == "run" && args[2] == ".":
				args = args[3:]
			case args[0] == "tmates" || args[0] == "./tmates":
				args = args[1:]
			default:
				continue
			}
			seen++
			if err := accepts(args); err != nil {
				t.Errorf("%s: %v", strings.TrimSpace(line), err)
			}
		}
	}
	if seen < 20 {
		t.Errorf("only %d command lines found", seen)
	}
}

// accepts checks a command line without running it.
func accepts(args []string) error {
	p := &program{in: strings.NewReader(""), out: io.Discard, err: io.Discard}
	root := p.root()
	root.InitDefaultHelpCmd()
	found, rest, err := root.Find(args)
	if err != nil {
		return err
	}
	if err := found.ParseFlags(rest); err != nil {
		return err
	}
	if found.Name() == "help" {
		return nil
	}
	return found.Args(found, found.Flags().Args())
}
