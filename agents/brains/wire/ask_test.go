package wire_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/agents/brains/wire"
)

func TestAskingOverOptions(t *testing.T) {
	t.Parallel()
	half, zero := 0.5, 0.0
	o := wire.Options{Model: "m", Temperature: &half, Effort: "low", MaxOutputTokens: 5, Window: 6}
	if a := o.Asking(agents.Turn{}); a.Model != "m" || a.Temperature != &half || a.Effort != "low" || a.MaxOutputTokens != 5 || a.Window != 6 {
		t.Errorf("%+v", a)
	}
	turn := agents.Turn{Asking: agents.Asking{Model: "n", Temperature: &zero, Effort: "high", MaxOutputTokens: 7, Window: 8}}
	if a := o.Asking(turn); a != turn.Asking {
		t.Errorf("%+v", a)
	}
}

func TestNewClientRefuses(t *testing.T) {
	t.Parallel()
	d := wire.Dialect{Name: "x", BaseURL: "http://a.example", Trim: []string{"/v1"}}
	for want, edit := range map[string]func(*wire.Options){
		"x: Effort is \"max\"":     func(o *wire.Options) { o.Effort = "max" },
		"x: Window is -1":          func(o *wire.Options) { o.Window = -1 },
		"x: Window is 10000001":    func(o *wire.Options) { o.Window = 10_000_001 },
		"x: BaseURL must be absol": func(o *wire.Options) { o.BaseURL = "a.example" },
		"x: Model is empty":        func(o *wire.Options) { o.Model = "" },
	} {
		o := wire.Options{Model: "m"}
		edit(&o)
		if c, err := wire.NewClient(o, d); c != nil || err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, error %v", want, c, err)
		}
	}
	d.BaseURL = ""
	if _, err := wire.NewClient(wire.Options{Model: "m"}, d); err == nil || !strings.Contains(err.Error(), "BaseURL is empty") {
		t.Errorf("error %v", err)
	}
}

func TestKeyIsNeverPrinted(t *testing.T) {
	t.Parallel()
	const key = "sk-Abc123Def456"
	c, err := wire.NewClient(wire.Options{Model: "m", APIKey: key, BaseURL: "http://a.example"}, wire.Dialect{Name: "x"})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	for _, v := range []any{c, c.Options, &c.Options, struct{ Brain any }{c}} {
		fmt.Fprintf(&out, "%v %+v %#v %s\n", v, v, v, v)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "v", v)
		raw, err := json.Marshal(v)
		fmt.Fprintf(&out, "%s %v\n", raw, err)
	}
	if strings.Contains(out.String(), key[4:]) {
		t.Errorf("the key is in:\n%s", &out)
	}
}
