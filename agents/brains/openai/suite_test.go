package openai_test

import (
	"encoding/json"
	"testing"

	"github.com/tmates/tmates/agents/brains/openai"
	"github.com/tmates/tmates/agents/brains/wire"
	"github.com/tmates/tmates/agents/brains/wire/wiretest"
)

func word(text string) string {
	raw, _ := json.Marshal(text)
	return `data: {"choices":[{"index":0,"delta":{"content":` + string(raw) + `}}]}` + "\n\n"
}

func subject() wiretest.Subject {
	return wiretest.Subject{
		New:    func(o wire.Options) (wiretest.Brain, error) { return openai.New(o) },
		Path:   "/v1/chat/completions",
		Header: "Authorization", Prefix: "Bearer ",
		Word:       word,
		End:        chunks(stop),
		Calls:      chunks(fragments(`{"index":0,"function":{"name":"f","arguments":"{\"x\":"}}`), fragments(`{"index":0,"function":{"arguments":"1}"}}`), done),
		Error:      func(words string) string { return chunks(`{"error":{"message":"` + words + `"}}`) },
		Junk:       "data: {\"choi\n\n",
		Models:     `{"object":"list","data":[{"id":"b","object":"model"},{"id":"a"},{"id":"b"},{"id":""},{"id":"line\nfeed"}]}`,
		ModelsPath: "/v1/models",
	}
}

func TestWire(t *testing.T) {
	t.Parallel()
	wiretest.Run(t, subject())
}

func TestAzureWire(t *testing.T) {
	t.Parallel()
	s := subject()
	s.New = func(o wire.Options) (wiretest.Brain, error) { return openai.NewAzure(o, "") }
	s.Path = "/openai/deployments/test-model/chat/completions?api-version=2024-10-21"
	s.Header, s.Prefix = "Api-Key", ""
	s.Models, s.ModelsPath = "", ""
	wiretest.Run(t, s)
}
