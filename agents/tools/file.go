package tools

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/store/tmates"
)

const (
	maxFileName    = 100       // code points
	maxFileContent = 256 << 10 // bytes of a file a tmate writes
)

// fileTypes are the extensions a tmate may give a file: texts that nothing runs
// when they are opened.
var fileTypes = []string{".txt", ".md", ".csv", ".tsv", ".json", ".yaml", ".yml", ".ics"}

// writeFile lets a tmate keep a text as a file. The use-case never overwrites
// one; the answer names the file as it is called in the end, with the link that
// makes it an attachment of the reply.
func writeFile(crew fileWriter, s agents.Scope) agents.Tool {
	type args struct {
		Name    string `json:"name"`
		Content string `json:"content"`
	}
	return agents.Tool{
		Name: "write_file",
		Description: "Save a text as a file of the user. An existing file is kept: the new one then gets a number in its name. " +
			"Repeat the link in the reply.",
		Doing: "Writing a file",
		Schema: schema(`{"name":{"type":"string","description":"File name without folders; ends in .txt, .md, .csv, .tsv, .json, .yaml, .yml or .ics"},
			"content":{"type":"string","description":"The whole text"}}`, "name", "content"),
		Run: run(func(ctx context.Context, a args) (string, error) {
			name, problem := fileName(a.Name)
			switch {
			case problem != "":
				return problem, nil
			case strings.TrimSpace(a.Content) == "":
				return "A file needs a text in content.", nil
			case len(a.Content) > maxFileContent:
				return fmt.Sprintf("The text is longer than %s.", tmates.SizeDisplay(maxFileContent)), nil
			}
			f, err := crew.WriteFile(ctx, s, name, a.Content)
			if refused, ok := errors.AsType[*tmates.Error](err); ok && refused.Kind != tmates.Internal {
				return refused.Msg, nil // the quota is spent, say
			}
			if err != nil {
				return "", err
			}
			return fmt.Sprintf("Saved %s (%s): %s", f.Path, tmates.SizeDisplay(f.Size), tmates.DownloadURL(f.Path)), nil
		}),
	}
}

// fileName checks the name a tmate chose, and says what is wrong with it. A name
// without an extension is a plain text.
func fileName(name string) (clean, problem string) {
	name = strings.TrimSpace(name)
	if !strings.Contains(name, ".") {
		name += ".txt"
	}
	odd := func(r rune) bool { return !unicode.IsPrint(r) || strings.ContainsRune(`/\:*?"<>|`, r) }
	switch {
	case len([]rune(name)) > maxFileName:
		return "", fmt.Sprintf("The name is longer than %d characters.", maxFileName)
	case strings.HasPrefix(name, "."), strings.ContainsFunc(name, odd), !tmates.ValidFilePath(name):
		return "", "The name must be a plain file name, without folders."
	case !slices.Contains(fileTypes, strings.ToLower(path.Ext(name))):
		return "", "The name must end in one of " + strings.Join(fileTypes, " ") + "."
	}
	return name, ""
}
