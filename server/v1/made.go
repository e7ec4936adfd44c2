package v1

import (
	"context"
	"net/http"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/server/team"
)

// makers is what these routes need from the use-cases: tmates as they are written,
// and those made on this server. All of them are additions of this edition.
type makers interface {
	ReadSource(ctx context.Context, userID, key string) (team.TmateSource, error)
	TmateTemplate(ctx context.Context, userID, name string) (key string, s agents.Source, err error)
	CheckTmate(ctx context.Context, userID, key string, s agents.Source) (agents.Checked, error)
	workbench
}

// workbench changes the tmates made on this server.
type workbench interface {
	CreateTmate(ctx context.Context, by team.Actor, s agents.Source) (agents.Checked, error)
	ChangeTmate(ctx context.Context, by team.Actor, key string, s agents.Source) (agents.Checked, error)
	DeleteTmate(ctx context.Context, by team.Actor, key string) error
}

// draftBody is a source to begin with.
type draftBody struct {
	Key      string           `json:"key"`
	Manifest string           `json:"manifest"`
	Files    []sourceFileBody `json:"files"`
}

type sourceBody struct {
	draftBody
	Origin   agents.Origin `json:"origin"`
	Editable bool          `json:"editable"`
}

type sourceFileBody struct {
	Name    string `json:"name"`
	Content string `json:"content"`
}

func draftOf(key string, s agents.Source) draftBody {
	b := draftBody{Key: key, Manifest: s.Manifest, Files: []sourceFileBody{}}
	for _, f := range s.Files {
		b.Files = append(b.Files, sourceFileBody(f))
	}
	return b
}

// checkedBody is what a look at a source found.
type checkedBody struct {
	OK       bool          `json:"ok"`
	Problems []findingBody `json:"problems"`
	Tmate    *madeBody     `json:"tmate"` // null while it cannot be one
}

// findingBody is something wrong with a source.
type findingBody struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Level   string `json:"level"`
	Message string `json:"message"`
}

// madeBody is the tmate a source makes.
type madeBody struct {
	Key          string   `json:"key"`
	Name         string   `json:"name"`
	Description  string   `json:"description"`
	Role         *string  `json:"role"`
	Category     *string  `json:"category"`
	Icon         *string  `json:"icon"`
	Color        *string  `json:"color"`
	Greeting     *string  `json:"greeting"`
	Capabilities []string `json:"capabilities"`
	Starters     []string `json:"starters"`
}

func checkedOf(c agents.Checked) checkedBody {
	b := checkedBody{OK: c.OK(), Problems: findingsOf(c.Faults)}
	if tm := c.Tmate; tm != nil {
		b.Tmate = &madeBody{
			Key: tm.Key, Name: tm.Name, Description: describe(tm), Role: orNull(tm.Role), Category: orNull(tm.Category), Icon: orNull(tm.Icon),
			Color: orNull(tm.Color), Greeting: orNull(tm.Greeting), Capabilities: append([]string{}, tm.Capabilities...),
			Starters: append([]string{}, tm.Starters...),
		}
	}
	return b
}

// findingsOf lists the faults as far as an answer goes.
func findingsOf(faults []agents.Fault) []findingBody {
	out := []findingBody{}
	for _, f := range faults[:min(len(faults), maxFaults)] {
		level := "error"
		if f.Hint {
			level = "warning"
		}
		out = append(out, findingBody{f.File, f.Line, f.Column, level, f.Text})
	}
	return out
}

// tmateSource serves GET /tmates/:tmate_key/source.
func tmateSource(use makers) func(call) error {
	return func(c call) error {
		key, err := pathValue(c, "tmate_key")
		if err != nil {
			return err
		}
		s, err := use.ReadSource(c.ctx(), c.user, key)
		if err != nil {
			return err
		}
		return writeJSON(c, http.StatusOK, sourceBody{draftOf(s.Key, s.Source), s.Origin, s.Editable})
	}
}

// tmateTemplate serves GET /tmates/template.
func tmateTemplate(use makers) func(call) error {
	return func(c call) error {
		name := c.QueryParam("name")
		var k checker
		k.length([]any{"query", "name"}, name, 0, maxName)
		if err := k.err(); err != nil {
			return err
		}
		key, s, err := use.TmateTemplate(c.ctx(), c.user, name)
		if err != nil {
			return err
		}
		return writeJSON(c, http.StatusOK, draftOf(key, s))
	}
}

// checkTmate serves POST /tmates/check. That a source has faults is no error of the
// request.
func checkTmate(use makers) func(call) error {
	return func(c call) error {
		key, s, err := decodeSource(c.body)
		if err != nil {
			return err
		}
		checked, err := use.CheckTmate(c.ctx(), c.user, key, s)
		if err != nil {
			return err
		}
		return writeJSON(c, http.StatusOK, checkedOf(checked))
	}
}

// createTmate serves POST /tmates.
func createTmate(use makers) func(call) error {
	return func(c call) error {
		_, s, err := decodeSource(c.body)
		if err != nil {
			return err
		}
		checked, err := use.CreateTmate(c.ctx(), c.actor(), s)
		if err != nil {
			return err
		}
		return writeJSON(c, http.StatusCreated, checkedOf(checked))
	}
}

// changeTmate serves PUT /tmates/:tmate_key.
func changeTmate(use makers) func(call) error {
	return func(c call) error {
		key, err := pathValue(c, "tmate_key")
		if err != nil {
			return err
		}
		_, s, err := decodeSource(c.body)
		if err != nil {
			return err
		}
		checked, err := use.ChangeTmate(c.ctx(), c.actor(), key, s)
		if err != nil {
			return err
		}
		return writeJSON(c, http.StatusOK, checkedOf(checked))
	}
}

// deleteTmate serves DELETE /tmates/:tmate_key.
func deleteTmate(use makers) func(call) error {
	return func(c call) error {
		key, err := pathValue(c, "tmate_key")
		if err != nil {
			return err
		}
		if err := use.DeleteTmate(c.ctx(), c.actor(), key); err != nil {
			return err
		}
		return c.NoContent(http.StatusNoContent)
	}
}

// actor is the caller as records name them.
func (c call) actor() team.Actor {
	return team.Actor{UserID: c.user, SessionID: c.session, IP: c.RealIP(), UserAgent: c.Request().UserAgent()}
}

// decodeSource reads a source. What may stand in it is not judged here; the key is of
// the tmate that it is another version of.
func decodeSource(b body) (key string, s agents.Source, err error) {
	var k checker
	f, ok := k.object(b)
	if !ok {
		return "", s, k.err()
	}
	key, s.Manifest = f.text("key", maxName), f.required("manifest", 0, 0)
	if !f.sent("files") {
		return key, s, k.err() // those that are there stay
	}
	s.Files = []agents.SourceFile{}
	for i, entry := range f.list("files", len(agents.SourceNames())) {
		if in, ok := k.fields(join(f.at("files"), i), entry); ok {
			s.Files = append(s.Files, agents.SourceFile{Name: in.required("name", 1, maxName), Content: in.required("content", 0, 0)})
		}
	}
	return key, s, k.err()
}
