package rules

import (
	"math"
	"slices"

	"go.yaml.in/yaml/v3"
)

const (
	maxKeywords      = 60
	keywordWeight    = 0.5 // of a keyword in a plain list
	defaultThreshold = 0.5
)

// intent is a way to match a question by what is mentioned in it, wherever it
// stands.
type intent struct {
	keywords  []keyword
	threshold float64
}

type keyword struct {
	phrase phrase
	weight float64
}

// match returns the sum of the weights of what the question mentions, at most 1.
func (in *intent) match(q question) (score float64, ok bool) {
	for _, k := range in.keywords {
		if _, found := k.phrase.match(q); found {
			score += k.weight
		}
	}
	score = min(math.Round(score*1000)/1000, 1) // 0.1 and 0.2 are 0.3
	return score, score >= in.threshold
}

func (c *compiler) intent(n *yaml.Node) *intent {
	f := c.fields(n, "intent", "keywords", "threshold")
	if f == nil {
		return nil
	}
	in := &intent{threshold: defaultThreshold}
	if v := f["threshold"]; v != nil {
		in.threshold = c.share(v, "threshold")
	}
	v := f["keywords"]
	switch {
	case v == nil:
		c.fail(n, "intent has no keywords")
	case v.Kind == yaml.MappingNode:
		var seen []string
		for i := 0; i+1 < len(v.Content); i += 2 {
			if slices.Contains(seen, v.Content[i].Value) {
				c.fail(v.Content[i], "%q appears twice in keywords", clip(v.Content[i].Value))
			}
			seen = append(seen, v.Content[i].Value)
			c.keyword(in, v.Content[i], c.share(v.Content[i+1], "the weight of "+clip(v.Content[i].Value)))
		}
	default:
		for _, item := range list(v) {
			c.keyword(in, item, keywordWeight)
		}
	}
	if v != nil && (len(in.keywords) == 0 || len(in.keywords) > maxKeywords) {
		c.fail(v, "keywords needs 1 to %d entries", maxKeywords)
	}
	return in
}

// keyword reads a word or phrase, which may have (choices) and [options].
func (c *compiler) keyword(in *intent, n *yaml.Node, weight float64) {
	src, ok := c.text(n, "a keyword")
	if !ok {
		return
	}
	if len(src) > maxPattern {
		c.fail(n, "the keyword is longer than %d bytes", maxPattern)
		return
	}
	p, err := parsePhrase(src)
	if err != nil {
		c.fail(n, "%v", err)
		return
	}
	if !p.fixed() || p.score() == 0 {
		c.fail(n, "a keyword is words, (choices) and [options]; %q is not", clip(src))
		return
	}
	in.keywords = append(in.keywords, keyword{phrase: slices.Concat(phrase{{star: true}}, p, phrase{{star: true}}), weight: weight})
}

// share reads a number from 0 to 1.
func (c *compiler) share(n *yaml.Node, what string) float64 {
	var f float64
	if tag := n.ShortTag(); n.Kind != yaml.ScalarNode || tag != "!!int" && tag != "!!float" || n.Decode(&f) != nil || !(f >= 0 && f <= 1) {
		c.fail(n, "%s must be a number from 0 to 1", what)
	}
	return f
}
