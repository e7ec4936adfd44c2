package cmd_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/tmates/tmates"

// room says what a package may import: which rooms of the project, and which
// modules of others. A package that is not listed, or that imports more, fails
// the test until it is written down here.
type room struct {
	rooms   []string
	outside []string
}

// any stands for every room.
const anyRoom = "*"

var rooms = map[string]room{
	"":           {rooms: []string{"cmd"}},
	"cmd":        {rooms: []string{anyRoom}, outside: []string{"github.com/spf13/cobra", "golang.org/x/term"}},
	"cmd/config": {rooms: []string{"store/tmates"}, outside: []string{"github.com/knadh/koanf/", "github.com/spf13/pflag", "go.yaml.in/yaml/v3"}},
	"cmd/client": {outside: []string{"github.com/gorilla/websocket"}},
	"cmd/app":    {rooms: []string{anyRoom}, outside: []string{"github.com/labstack/echo/v4"}},
	// Fills the rooms of the demo's server.
	"cmd/demo": {rooms: []string{"agents", "server/identity", "server/team", "store", "store/tmates"}, outside: []string{"go.yaml.in/yaml/v3"}},
	// Measures the program from outside, beside bare versions of what it is built on.
	"cmd/bench": {
		rooms:   []string{"cmd/config", "server/control", "server/token", "store", "store/tmates"},
		outside: []string{"github.com/gorilla/websocket", "github.com/labstack/echo/v4", "modernc.org/sqlite"},
	},
	// Holds only tests, which drive the program with the official client library.
	"cmd/clienttest": {},
	// Holds only tests, which kill the program and cut its power.
	"cmd/lab": {},
	// Boots the program for tests of every room.
	"cmd/app/apptest": {rooms: []string{anyRoom}, outside: []string{"github.com/gorilla/websocket"}},

	"store/tmates": {outside: []string{"github.com/google/uuid", "golang.org/x/text/unicode/norm"}},
	"store": {
		rooms:   []string{"store/disk", "store/tmates", "migrations"},
		outside: []string{"modernc.org/sqlite", "github.com/pressly/goose/v3", "github.com/google/uuid", "golang.org/x/sys"},
	},
	// Replaces private files whole, for rooms that know no database either.
	"store/disk":  {},
	"store/files": {rooms: []string{"store/tmates"}, outside: []string{"github.com/google/uuid"}},
	// Reads files of strangers; the PDF library runs in a process of its own.
	"store/files/reading": {
		rooms:   []string{"store/tmates"},
		outside: []string{"github.com/ledongthuc/pdf", "golang.org/x/net/html", "golang.org/x/text/encoding/charmap", "golang.org/x/sys"},
	},
	"store/storetest": {rooms: []string{"store", "store/tmates"}, outside: []string{"github.com/google/go-cmp"}},
	"migrations":      {},
	"web":             {},

	"queue": {rooms: []string{"store/tmates"}},

	"agents":                           {},
	"agents/registry":                  {rooms: []string{"agents", "agents/brains/rules", "store/tmates"}, outside: []string{"github.com/fsnotify/fsnotify", "go.yaml.in/yaml/v3"}},
	"agents/catalog":                   {rooms: []string{"agents", "agents/registry", "store/tmates"}},
	"agents/brains/rules":              {rooms: []string{"agents", "store/tmates"}, outside: []string{"go.yaml.in/yaml/v3"}},
	"agents/brains/wire":               {rooms: []string{"agents"}},
	"agents/brains/wire/wiretest":      {rooms: []string{"agents", "agents/brains/wire"}, outside: []string{"github.com/google/go-cmp"}},
	"agents/brains/replay":             {rooms: []string{"agents"}},
	"agents/brains/openai":             {rooms: []string{"agents", "agents/brains/wire"}, outside: []string{"github.com/sashabaranov/go-openai"}},
	"agents/brains/ollama":             {rooms: []string{"agents", "agents/brains/wire"}},
	"agents/brains/anthropic":          {rooms: []string{"agents", "agents/brains/wire"}},
	"agents/brains/composite":          {rooms: []string{"agents"}},
	"agents/brains/openai/modelserver": {},
	"agents/tools":                     {rooms: []string{"agents", "store/tmates"}},
	"agents/dispatch":                  {rooms: []string{"agents", "store/tmates"}, outside: []string{"golang.org/x/text"}},
	"agents/providers": {
		rooms: []string{
			"agents", "agents/brains/anthropic", "agents/brains/ollama", "agents/brains/openai", "agents/brains/replay", "agents/brains/wire", "store/disk", "store/tmates",
		},

		// The use-cases speak the nouns of a turn and tell the queue what a retry can
		// mend; nothing below them knows HTTP.
		outside: []string{"go.yaml.in/yaml/v3"},
	},
	"server/team":     {rooms: []string{"store", "store/tmates", "store/files", "store/files/reading", "agents", "agents/dispatch", "agents/providers", "queue", "server/limit"}, outside: []string{"github.com/google/uuid"}},
	"server/identity": {rooms: []string{"store", "store/tmates", "server/limit", "server/token"}, outside: []string{"golang.org/x/crypto", "github.com/google/uuid"}},
	"server/token":    {rooms: []string{"store/disk", "store/tmates"}, outside: []string{"github.com/golang-jwt/jwt/v5", "github.com/google/uuid", "go.yaml.in/yaml/v3"}},
	// Bounds what strangers may spend, for both contracts and the use-cases.
	"server/limit":   {outside: []string{"golang.org/x/time"}},
	"server/mail":    {outside: []string{"github.com/wneessen/go-mail"}},
	"server/docs":    {rooms: []string{"server/static"}, outside: []string{"github.com/labstack/echo/v4"}},
	"server/static":  {outside: []string{"github.com/labstack/echo/v4"}},
	"server/ui":      {rooms: []string{"server/static"}, outside: []string{"github.com/labstack/echo/v4"}},
	"server/hub":     {rooms: []string{"store/tmates"}, outside: []string{"github.com/gorilla/websocket"}},
	"server/control": {rooms: []string{"store/tmates"}, outside: []string{"github.com/labstack/echo/v4"}},
	"server/v1":      {rooms: []string{"agents", "agents/providers", "server/hub", "server/limit", "server/team", "server/token", "store/tmates"}, outside: []string{"github.com/labstack/echo/v4", "go.yaml.in/yaml/v3"}},
	"server/gotrue":  {rooms: []string{"server/identity", "server/limit", "server/token", "store/tmates"}, outside: []string{"github.com/labstack/echo/v4"}},
	"server":         {rooms: []string{"store/tmates"}, outside: []string{"github.com/labstack/echo/v4"}},

	// Holds answers of server/v1 against its document, for tests.
	"server/v1/contract": {outside: []string{"github.com/santhosh-tekuri/jsonschema/v6"}},
}

func TestImportTable(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, p := range packages(t) {
		name := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
		seen[name] = true
		allowed, ok := rooms[name]
		if !ok {
			t.Errorf("the room %q is not in the table", name)
			continue
		}
		for _, imported := range p.Imports {
			switch own, isOwn := strings.CutPrefix(imported, module+"/"); {
			case isOwn:
				if !slices.Contains(allowed.rooms, anyRoom) && !slices.Contains(allowed.rooms, own) {
					t.Errorf("%q imports the room %q", name, own)
				}
			case strings.Contains(strings.Split(imported, "/")[0], "."):
				if !slices.ContainsFunc(allowed.outside, func(m string) bool {
					return imported == m || strings.HasPrefix(imported, strings.TrimSuffix(m, "/")+"/")
				}) {
					t.Errorf("%q imports %q of another module", name, imported)
				}
			}
		}
	}
	for name := range maps.Keys(rooms) {
		if !seen[name] {
			t.Errorf("the table lists the room %q, which does not exist", name)
		}
	}
}

// TestTestHelpersStayOut keeps packages made for tests out of the program.
func TestTestHelpersStayOut(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "list", "-deps", module).Output()
	if err != nil {
		t.Fatal(err)
	}
	for dep := range strings.Lines(string(out)) {
		switch dep = strings.TrimSpace(dep); dep {
		case "testing", module + "/cmd/app/apptest", module + "/store/storetest", module + "/server/v1/contract", module + "/agents/brains/openai/modelserver",
			module + "/agents/brains/wire/wiretest":
			t.Errorf("the program links %s", dep)
		}
	}
}

type listed struct {
	ImportPath string
	Imports    []string
	Doc        string
}

func packages(t *testing.T) (all []listed) {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports,Doc", module+"/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(out))
	for {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// TestNoTestSleeps allows time.Sleep only where time is virtual: a sleep in real
// time is slow when it is long enough and flaky when it is not.
func TestNoTestSleeps(t *testing.T) {
	t.Parallel()
	checked := 0
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") || path == "deps_test.go" {
			return err
		}
		src, err := os.ReadFile(path)
		checked++
		if bytes.Contains(src, []byte("time.Sleep(")) && !bytes.Contains(src, []byte("synctest.Test(")) {
			t.Errorf("%s sleeps", path)
		}
		return err
	})
	if err != nil || checked < 50 {
		t.Errorf("%d files checked, %v", checked, err)
	}
}

func TestEveryRoomSaysWhatItIsFor(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		if p.Doc == "" {
			t.Errorf("%s has no package comment", p.ImportPath)
		}
	}
}
