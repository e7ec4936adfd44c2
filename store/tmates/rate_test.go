package tmates_test

import (
	"testing"

	"github.com/tmates/tmates/store/tmates"
)

func TestParseRate(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]tmates.Rate{
		"gpt-5-mini=0.25/2":         {Model: "gpt-5-mini", Prompt: 0.25, Answer: 2},
		" llama3.2:3b * = 0 / 0.5 ": {Model: "llama3.2:3b *", Answer: 0.5},
		"a=b=1/1":                   {Model: "a=b", Prompt: 1, Answer: 1},
		"*=1e3/1":                   {Model: "*", Prompt: 1000, Answer: 1},
	} {
		if got, err := tmates.ParseRate(text); err != nil || got != want {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "gpt", "=1/2", "a*b=1/2", "a=1", "a=1/", "a=-1/2", "a=1/NaN", "a=1/inf", "a=x/2"} {
		if got, err := tmates.ParseRate(text); err == nil {
			t.Errorf("%q: %+v", text, got)
		}
	}
}

func TestCost(t *testing.T) {
	t.Parallel()
	sheet := tmates.Rates{{"gpt*", 1, 1}, {"gpt-5-mini*", 0.25, 2}, {"gpt-5-mini", 0.5, 3}}
	for _, c := range []struct {
		model          string
		prompt, answer int64
		want           int64
	}{
		{"gpt-4", 1000, 10, 1010},
		{"gpt-5-mini-2026", 1000, 10, 270},
		{"gpt-5-mini", 1000, 10, 530},
		{"llama3.2", 1000, 10, 0},
		{"gpt-5-mini-2026", 1, 0, 0}, // a quarter of a millionth
		{"gpt-5-mini-2026", 2, 0, 1},
	} {
		if got := sheet.Cost(c.model, c.prompt, c.answer); got != c.want {
			t.Errorf("%d+%d tokens of %s cost %d, want %d", c.prompt, c.answer, c.model, got, c.want)
		}
	}
	if got := (tmates.Rates)(nil).Cost("m", 1000, 1000); got != 0 {
		t.Errorf("without a sheet: %d", got)
	}
}
