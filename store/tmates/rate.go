package tmates

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Rate is what a model costs: a line of the operator's rate sheet.
type Rate struct {
	Model  string  // name of the model; a final "*" stands for any ending
	Prompt float64 // price of a million tokens read, in the sheet's currency
	Answer float64 // price of a million tokens written
}

// maxPrice is more than any model costs for a million tokens in any currency.
const maxPrice = 1e9

// ParseRate reads "MODEL=PROMPT/ANSWER", as in "gpt-5-mini*=0.25/2".
func ParseRate(text string) (r Rate, err error) {
	at := strings.LastIndex(text, "=")
	if at < 0 {
		return r, errors.New("must look like MODEL=PROMPT/ANSWER, as in gpt-5-mini*=0.25/2")
	}
	r.Model = strings.TrimSpace(text[:at])
	if r.Model == "" || strings.Contains(strings.TrimSuffix(r.Model, "*"), "*") {
		return r, errors.New(`must name a model, with "*" at most at its end`)
	}
	prompt, answer, ok := strings.Cut(text[at+1:], "/")
	if !ok {
		return r, errors.New("must have two prices, as in gpt-5-mini*=0.25/2")
	}
	if r.Prompt, err = price(prompt); err != nil {
		return r, err
	}
	r.Answer, err = price(answer)
	return r, err
}

func price(text string) (float64, error) {
	p, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil || !(p >= 0 && p <= maxPrice) { // also refuses NaN
		return 0, fmt.Errorf("must have prices from 0 to %g for a million tokens", float64(maxPrice))
	}
	return p, nil
}

// Rates are a rate sheet. The most exact line counts: a full name before an
// ending, a longer beginning before a shorter one.
type Rates []Rate

// Cost returns what so many tokens of a model cost, in millionths of the
// currency; 0 for a model the sheet does not know, which is what a machine of
// one's own costs.
func (rs Rates) Cost(model string, prompt, answer int64) int64 {
	best, exact := Rate{}, -1
	for _, r := range rs {
		beginning, open := strings.CutSuffix(r.Model, "*")
		weight := len(beginning)
		switch {
		case !open && r.Model == model:
			weight = math.MaxInt
		case !open || !strings.HasPrefix(model, beginning):
			continue
		}
		if weight > exact {
			best, exact = r, weight
		}
	}
	return int64(math.Round(best.Prompt*float64(prompt) + best.Answer*float64(answer)))
}
