package tools

import (
	"context"

	"github.com/tmates/tmates/agents"
)

// askTeammate lets a tmate have a colleague answer something. What the use-case
// refuses, and a colleague that fails, is text the asking tmate can go on with.
func askTeammate(crew colleagueAsker, s agents.Scope) agents.Tool {
	type args struct {
		Teammate string `json:"teammate"`
		Request  string `json:"request"`
	}
	return agents.Tool{
		Name: "ask_teammate",
		Description: "Ask a hired colleague for something only they can do, and read their answer. They see nothing but your request, " +
			"so say everything they need to know. The user does not see their answer unless you repeat it.",
		Doing: "Asking a teammate",
		Risk:  agents.RiskSpend,
		Schema: schema(`{"teammate":{"type":"string","description":"Key or name of the colleague"},
			"request":{"type":"string","description":"What they should do or answer, complete in itself"}}`, "teammate", "request"),
		Run: run(func(ctx context.Context, a args) (string, error) {
			answer, err := crew.AskTeammate(ctx, s, a.Teammate, a.Request)
			if err != nil {
				return refusal(err)
			}
			return answer, nil
		}),
	}
}
