package tools

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/store/tmates"
)

type (
	fileLister interface {
		RecentFiles(ctx context.Context, s agents.Scope, limit int) (files []tmates.File, total int, err error)
	}
	fileReader interface {
		// ReadFile returns the text of a file by its path, or by what its sender
		// called it; cut says that the file goes on.
		ReadFile(ctx context.Context, s agents.Scope, name string) (text string, cut bool, err error)
	}
	fileWriter interface {
		WriteFile(ctx context.Context, s agents.Scope, name, content string) (tmates.File, error)
	}
)

const (
	maxFileName    = 100       // code points
	maxFileContent = 256 << 10 // bytes of a file a tmate writes
)

// fileTypes are the extensions a tmate may give a file: texts that nothing runs
// when they are opened.
var fileTypes = []string{".txt", ".md", ".csv", ".tsv", ".json", ".yaml", ".yml", ".ics"}

func listFiles(crew fileLister, s agents.Scope) agents.Tool {
	return agents.Tool{
		Name:        "list_files",
		Description: "List the user's files, newest first.",
		Doing:       "Looking through the files",
		Risk:        agents.RiskRead,
		Schema:      schema(limitSchema),
		Run: run(func(ctx context.Context, a limitArgs) (string, error) {
			files, total, err := crew.RecentFiles(ctx, s, a.bounded())
			if err != nil || total == 0 {
				return "There are no files yet.", err
			}
			var b strings.Builder
			for _, f := range files {
				fmt.Fprintf(&b, "- %s (%s, %s)", cmp.Or(f.Name, f.Path), tmates.SizeDisplay(f.Size), f.Modified.UTC().Format("2 Jan 2006"))
				if f.Name != "" && f.Name != f.Path {
					b.WriteString(", stored as " + f.Path)
				}
				b.WriteByte('\n')
			}
			if total > len(files) {
				fmt.Fprintf(&b, "and %d more", total-len(files))
			}
			return strings.TrimSuffix(b.String(), "\n"), nil
		}),
	}
}

// readFile shows a tmate what a file of the user says, part by part.
func readFile(crew fileReader, s agents.Scope) agents.Tool {
	type args struct {
		Name string `json:"name"`
		Part int    `json:"part"`
	}
	return agents.Tool{
		Name: "read_file",
		Description: "Read the text of one of the user's files: Markdown, plain text, CSV, JSON, HTML, PDF or Word. " +
			"A long one comes in parts.",
		Doing: "Reading a file",
		Risk:  agents.RiskRead,
		Schema: schema(`{"name":{"type":"string","description":"Name as it is listed or attached"},
			"part":{"type":"integer","minimum":1,"description":"Which part, 1 unless told"}}`, "name"),
		Run: run(func(ctx context.Context, a args) (string, error) {
			name := strings.TrimSpace(a.Name)
			if name == "" {
				return "Which file? Its name is missing.", nil
			}
			text, cut, err := crew.ReadFile(ctx, s, name)
			if err != nil {
				return refusal(err)
			}
			if text == "" {
				return name + " has no text in it.", nil
			}
			return part(name, text, cut, a.Part), nil
		}),
	}
}

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
		Risk:  agents.RiskWrite,
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
			if err != nil {
				return refusal(err) // the quota is spent, say
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
