package tools

import (
	"context"
	"fmt"
	"strings"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/store/tmates"
)

type (
	noteKeeper interface {
		Remember(ctx context.Context, s agents.Scope, fact string) error
	}
	noteReader interface {
		// Recall returns the facts that say a word of the query, the newest ones
		// without a query, at most limit, oldest first.
		Recall(ctx context.Context, s agents.Scope, query string, limit int) ([]string, error)
	}
	noteForgetter interface {
		// Forget removes the fact that reads as the query, or the only one that
		// says all of it. When it is not clear which, near are those that come near.
		Forget(ctx context.Context, s agents.Scope, query string) (gone, near []string, err error)
	}
)

// maxRecalled bounds what recall shows at once.
const maxRecalled = 50

func remember(crew noteKeeper, s agents.Scope) agents.Tool {
	type args struct {
		Fact string `json:"fact"`
	}
	return agents.Tool{
		Name:        "remember",
		Description: "Keep one fact about the user or their work for later in this conversation.",
		Doing:       "Making a note",
		Risk:        agents.RiskWrite,
		Schema:      schema(`{"fact":{"type":"string","description":"The fact, as a full sentence"}}`, "fact"),
		Run: run(func(ctx context.Context, a args) (string, error) {
			fact := strings.TrimSpace(a.Fact)
			switch {
			case fact == "":
				return "There is nothing to remember.", nil
			case len([]rune(fact)) > tmates.MaxFact:
				return fmt.Sprintf("The fact is longer than %d characters.", tmates.MaxFact), nil
			}
			if err := crew.Remember(ctx, s, fact); err != nil {
				return refusal(err) // memory is full
			}
			return "Noted: " + fact, nil
		}),
	}
}

func recall(crew noteReader, s agents.Scope) agents.Tool {
	type args struct {
		Query string `json:"query"`
	}
	return agents.Tool{
		Name:        "recall",
		Description: "Look up the facts that were remembered in this conversation.",
		Doing:       "Going through my notes",
		Risk:        agents.RiskRead,
		Schema:      schema(`{"query":{"type":"string","description":"Words to look for; leave out for the newest ones"}}`),
		Run: run(func(ctx context.Context, a args) (string, error) {
			facts, err := crew.Recall(ctx, s, a.Query, maxRecalled)
			if err != nil {
				return "", err
			}
			if len(facts) == 0 {
				return "Nothing was remembered about that.", nil
			}
			return bullets(facts), nil
		}),
	}
}

func forget(crew noteForgetter, s agents.Scope) agents.Tool {
	type args struct {
		Query string `json:"query"`
	}
	return agents.Tool{
		Name:        "forget",
		Description: "Forget one remembered fact of this conversation.",
		Doing:       "Crossing out a note",
		Risk:        agents.RiskWrite,
		Schema:      schema(`{"query":{"type":"string","description":"The fact as it was remembered, or words that only it says"}}`, "query"),
		Run: run(func(ctx context.Context, a args) (string, error) {
			query := strings.TrimSpace(a.Query)
			if query == "" {
				return "Which fact? It is missing.", nil
			}
			gone, near, err := crew.Forget(ctx, s, query)
			switch {
			case err != nil:
				return "", err
			case len(gone) > 0:
				return "Forgotten: " + gone[0], nil
			case len(near) == 0:
				return "Nothing like that was remembered.", nil
			}
			return "Nothing was forgotten: it is not clear which fact is meant. Those that come near:\n" + bullets(near), nil
		}),
	}
}

// bullets lists texts, as many as one result may show.
func bullets(all []string) string {
	var b strings.Builder
	for i, text := range all {
		if b.Len()+len(text) > partSize && i > 0 {
			fmt.Fprintf(&b, "and %d more", len(all)-i)
			break
		}
		b.WriteString("- " + text + "\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}
