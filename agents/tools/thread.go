package tools

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/store/tmates"
)

type (
	historian interface {
		// History returns the newest messages of the scope's conversation, oldest
		// first.
		History(ctx context.Context, s agents.Scope, limit int) ([]tmates.Message, error)
	}
	postReader interface {
		// ReadPost returns a post by slug, with its author's name.
		ReadPost(ctx context.Context, s agents.Scope, slug string) (p tmates.Post, author string, err error)
	}
	clock interface {
		// Clock tells the time in the user's zone.
		Clock(ctx context.Context, s agents.Scope) (time.Time, error)
	}
)

const (
	maxSaid = 500    // code points shown of one message
	maxDays = 36_500 // how far now looks
)

func readHistory(crew historian, s agents.Scope) agents.Tool {
	return agents.Tool{
		Name:        "read_history",
		Description: "Read the newest messages of this conversation.",
		Doing:       "Reading what was said",
		Risk:        agents.RiskRead,
		Schema:      schema(limitSchema),
		Run: run(func(ctx context.Context, a limitArgs) (string, error) {
			messages, err := crew.History(ctx, s, a.bounded())
			if err != nil || len(messages) == 0 {
				return "Nothing was said yet.", err
			}
			var b strings.Builder
			for _, m := range messages {
				fmt.Fprintf(&b, "- %s (%s): %s\n", cmp.Or(m.Author, "Event"), m.CreatedAt.Format("2 Jan 2006 15:04"), beginning(m.Content, maxSaid))
				for _, file := range tmates.AttachmentsOf(m.Payload) {
					fmt.Fprintf(&b, "  with the file %s\n", cmp.Or(file.Name, file.RelativePath, file.URI))
				}
			}
			return strings.TrimSuffix(b.String(), "\n"), nil
		}),
	}
}

// beginning returns at most so many code points of a text.
func beginning(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}

func readPost(crew postReader, s agents.Scope) agents.Tool {
	type args struct {
		Slug string `json:"slug"`
		Part int    `json:"part"`
	}
	return agents.Tool{
		Name:        "read_pinboard_post",
		Description: "Read one post of the Pinboard as a whole. A long one comes in parts.",
		Doing:       "Reading the Pinboard",
		Risk:        agents.RiskRead,
		Schema: schema(`{"slug":{"type":"string","description":"As it is listed"},
			"part":{"type":"integer","minimum":1,"description":"Which part, 1 unless told"}}`, "slug"),
		Run: run(func(ctx context.Context, a args) (string, error) {
			p, author, err := crew.ReadPost(ctx, s, strings.TrimSpace(a.Slug))
			if err != nil {
				return refusal(err)
			}
			heading := fmt.Sprintf("%q by %s, %s", p.Title, cmp.Or(author, "somebody"), p.CreatedAt.Format("2 Jan 2006"))
			return part(heading, p.Content, false, a.Part), nil
		}),
	}
}

func now(crew clock, s agents.Scope) agents.Tool {
	type args struct {
		Days int `json:"days"`
	}
	return agents.Tool{
		Name:        "now",
		Description: "Tell date, time, weekday and time zone of the user; with days, the date that many days from now, or before it.",
		Doing:       "Looking at the clock",
		Risk:        agents.RiskNone,
		Schema:      schema(`{"days":{"type":"integer","description":"21 for in three weeks, -1 for yesterday; 0 unless told"}}`),
		Run: run(func(ctx context.Context, a args) (string, error) {
			if a.Days < -maxDays || a.Days > maxDays {
				return fmt.Sprintf("That is more than %d days away.", maxDays), nil
			}
			at, err := crew.Clock(ctx, s)
			if err != nil {
				return "", err
			}
			_, week := at.ISOWeek()
			today := fmt.Sprintf("Now it is %s (%s, week %d).", at.Format("Monday, 2 January 2006, 15:04"), at.Location(), week)
			if a.Days == 0 {
				return today, nil
			}
			then := at.AddDate(0, 0, a.Days)
			_, week = then.ISOWeek()
			return fmt.Sprintf("%s\n%+d days: %s (week %d).", today, a.Days, then.Format("Monday, 2 January 2006"), week), nil
		}),
	}
}
