package openai

import (
	"encoding/base64"
	"errors"

	oai "github.com/sashabaranov/go-openai"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/agents/brains/wire"
)

// optional returns the fields of a request that a server may refuse by name, in
// the order they are given up. In place of max_tokens the limit is then sent under
// its new name.
func optional(a agents.Asking) []string {
	out := []string{"stream_options"}
	if a.Effort != "" {
		out = append(out, "reasoning_effort")
	}
	if a.MaxOutputTokens > 0 {
		out = append(out, "max_tokens")
	}
	if a.Temperature != nil {
		out = append(out, "temperature")
	}
	return out
}

// request builds the one request that asks for the next step of a turn.
func (b *Brain) request(t agents.Turn, without map[string]bool) oai.ChatCompletionRequest {
	a := b.Options.Asking(t)
	completion, unsuitable := limitField(a, b.Host)
	r := oai.ChatCompletionRequest{Model: a.Model, Messages: messages(wire.NewPrompt(t)), Tools: tools(t.Tools)}
	if completion || without["max_tokens"] {
		r.MaxCompletionTokens = a.MaxOutputTokens
	} else {
		r.MaxTokens = a.MaxOutputTokens
	}
	if unsuitable == nil && !without["temperature"] {
		r.Temperature = temperature(a.Temperature)
	}
	if !without["reasoning_effort"] {
		r.ReasoningEffort = a.Effort
	}
	if !without["stream_options"] {
		r.StreamOptions = &oai.StreamOptions{IncludeUsage: true}
	}
	return withoutReasoning(r)
}

// withoutReasoning switches reasoning off for a model that can use tools over
// this protocol only so. Other requests stay as they are.
func withoutReasoning(r oai.ChatCompletionRequest) oai.ChatCompletionRequest {
	check := oai.NewReasoningValidator()
	if !errors.Is(check.Validate(r), oai.ErrReasoningToolsRequireResponses) {
		return r
	}
	quiet := r
	quiet.ReasoningEffort = oai.ReasoningEffortNone
	if check.Validate(quiet) != nil {
		return r // the client will say why it cannot be sent
	}
	return quiet
}

func tools(in []agents.Tool) []oai.Tool {
	var out []oai.Tool
	for _, t := range in {
		out = append(out, oai.Tool{
			Type:     oai.ToolTypeFunction,
			Function: &oai.FunctionDefinition{Name: t.Name, Description: t.Description, Parameters: wire.Schema(t)},
		})
	}
	return out
}

// messages spells a prompt. The summary of what was said before is a part of the
// system message, and events are system messages where they happened.
func messages(p wire.Prompt) []oai.ChatCompletionMessage {
	out := []oai.ChatCompletionMessage{{Role: oai.ChatMessageRoleSystem, Content: p.System}}
	for _, m := range p.Messages {
		switch m.Author {
		case agents.AuthorUser:
			out = append(out, user(m))
		case agents.AuthorSelf:
			out = append(out, oai.ChatCompletionMessage{
				Role: oai.ChatMessageRoleAssistant, Content: m.Text, ToolCalls: toolCalls(m.Calls),
			})
		case agents.AuthorTool:
			out = append(out, oai.ChatCompletionMessage{Role: oai.ChatMessageRoleTool, Content: m.Text, ToolCallID: m.CallID})
		case agents.AuthorEvent:
			out = append(out, oai.ChatCompletionMessage{Role: oai.ChatMessageRoleSystem, Content: m.Text})
		}
	}
	return out
}

// user spells what a person or another tmate said: a plain text as long as it has
// no pictures, because many servers know nothing else.
func user(m agents.Message) oai.ChatCompletionMessage {
	if len(m.Images) == 0 {
		return oai.ChatCompletionMessage{Role: oai.ChatMessageRoleUser, Content: m.Text}
	}
	parts := []oai.ChatMessagePart{{Type: oai.ChatMessagePartTypeText, Text: m.Text}}
	for _, i := range m.Images {
		parts = append(parts, oai.ChatMessagePart{
			Type:     oai.ChatMessagePartTypeImageURL,
			ImageURL: &oai.ChatMessageImageURL{URL: "data:" + i.MediaType + ";base64," + base64.StdEncoding.EncodeToString(i.Data)},
		})
	}
	return oai.ChatCompletionMessage{Role: oai.ChatMessageRoleUser, MultiContent: parts}
}

func toolCalls(calls []agents.Call) []oai.ToolCall {
	var out []oai.ToolCall
	for _, c := range calls {
		out = append(out, oai.ToolCall{
			ID:       c.ID,
			Type:     oai.ToolTypeFunction,
			Function: oai.FunctionCall{Name: c.Name, Arguments: string(wire.Object(string(c.Args)))},
		})
	}
	return out
}
