package providers

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/agents/brains/wire"
	"github.com/tmates/tmates/store/tmates"
)

// ProbeTime bounds one test. It is long because a small machine reads a model from
// its disk before the first word.
const ProbeTime = 3 * time.Minute

// Report is the outcome of a test.
type Report struct {
	OK               bool
	Problem          string   // what failed and what to do about it, a sentence without its full stop
	Models           []string // what the service offers, sorted; empty when it does not tell
	PromptTokens     int64
	CompletionTokens int64
	Took             time.Duration
}

// Models asks a service what it offers. name may be that of a provider whose key
// and address need not be repeated. A failure of the service is an error of kind
// Unavailable whose message says what to do.
func (s *Set) Models(ctx context.Context, name string, d Definition) ([]string, error) {
	b, _, err := s.draft(name, d)
	if err != nil {
		return nil, err
	}
	defer b.CloseIdle()
	return s.list(ctx, b)
}

// ModelsOf is [Set.Models] for a provider as it is.
func (s *Set) ModelsOf(ctx context.Context, name string) ([]string, error) {
	p, err := s.find(name)
	if err != nil {
		return nil, err
	}
	return s.list(ctx, p.brain)
}

func (s *Set) list(ctx context.Context, b brain) ([]string, error) {
	leave, err := s.within(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	models, err := b.Models(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, tmates.E(tmates.Unavailable, "provider_failed", err, "%s", sentence(err))
	}
	return models, nil
}

// Test asks a service what it offers, and its model for one token. name is as in
// [Set.Models]. What the service got wrong is in the report; an error says that the
// definition makes no sense, or that ctx ended.
func (s *Set) Test(ctx context.Context, name string, d Definition) (Report, error) {
	b, d, err := s.draft(name, d)
	if err != nil {
		return Report{}, err
	}
	defer b.CloseIdle()
	if d.asked() == "" {
		return Report{}, tmates.E(tmates.Invalid, "provider_invalid", nil, "model is missing: name the model to ask")
	}
	return s.test(ctx, b, d)
}

// TestOf is [Set.Test] for a provider as it is. It takes no place in its line.
func (s *Set) TestOf(ctx context.Context, name string) (Report, error) {
	p, err := s.find(name)
	if err != nil {
		return Report{}, err
	}
	if p.line == nil {
		return Report{Problem: fmt.Sprintf("The provider %s cannot answer: it %s", name, p.problem)}, nil
	}
	return s.test(ctx, p.brain, p.def)
}

// find returns a provider that can be contacted.
func (s *Set) find(name string) (*provider, error) {
	p := s.roster.Load().all[name]
	if p == nil {
		return nil, errUnknown
	}
	if p.brain == nil {
		return nil, tmates.E(tmates.Conflict, "provider_unusable", nil, "The provider %s cannot be used: %s", name, p.problem)
	}
	return p, nil
}

// draft builds what somebody thinks of saving.
func (s *Set) draft(name string, d Definition) (brain, Definition, error) {
	d = s.roster.Load().inherit(name, d).complete()
	if err := d.check(); err != nil {
		return nil, d, err
	}
	d.KeyName = "the key of this provider"
	b, err := build(d, true)
	if err != nil {
		return nil, d, tmates.E(tmates.Invalid, "provider_invalid", err, "%s", err)
	}
	return b, d, nil
}

func (s *Set) test(ctx context.Context, b brain, d Definition) (out Report, err error) {
	leave, err := s.within(ctx)
	if err != nil {
		return out, err
	}
	defer leave()
	caller := ctx
	ctx, cancel := context.WithTimeout(ctx, ProbeTime)
	defer cancel()
	begun := s.opt.Now()
	out.Models, err = b.Models(ctx)
	if err == nil {
		err = s.oneToken(ctx, b, &out)
	}
	out.Took = s.opt.Now().Sub(begun)
	switch {
	case caller.Err() != nil:
		return Report{}, context.Cause(caller)
	case err == nil:
		out.OK = true
	case ctx.Err() != nil:
		out.Problem = fmt.Sprintf("%s did not answer within %s: is the model too large for that machine?", d.host(), ProbeTime)
	default:
		out.Problem = sentence(err) + offers(err, d, out.Models)
	}
	return out, nil
}

// oneToken asks for the shortest answer there is. Some services refuse so small a
// limit, so a refusal is asked again with more. A model that thinks may spend the
// limit before it says a word: then service, key and model work.
func (s *Set) oneToken(ctx context.Context, b brain, out *Report) (err error) {
	for _, limit := range []int{1, 64} {
		err = nil
		for part, failure := range b.Think(ctx, agents.Turn{
			Tmate: &agents.Tmate{Key: "test", Name: "Test"}, Now: s.opt.Now(),
			Messages: []agents.Message{{Author: agents.AuthorUser, Text: "Say yes."}},
			Asking:   agents.Asking{MaxOutputTokens: limit},
		}) {
			err = failure
			if u := part.Usage; u != nil {
				out.PromptTokens += u.PromptTokens
				out.CompletionTokens += u.CompletionTokens
			}
		}
		e, ok := errors.AsType[*agents.ProviderError](err)
		if ok && e.Code == wire.CodeSpent {
			return nil
		}
		if !ok || e.Status != http.StatusBadRequest {
			return err
		}
	}
	return err
}

// sentence says what a service did, without a full stop.
func sentence(err error) string {
	if errors.Is(err, errForbidden) {
		return "The address leads to a link-local address or a cloud's metadata service, where no model is asked"
	}
	if e, ok := errors.AsType[*agents.ProviderError](err); ok {
		return strings.TrimSuffix(e.Msg, ".")
	}
	return "The service cannot be asked"
}

// maxNamed is how many models a sentence names.
const maxNamed = 5

// offers ends the sentence about a failure with the models there are, when the one
// that was asked for is not among them.
func offers(err error, d Definition, models []string) string {
	e, ok := errors.AsType[*agents.ProviderError](err)
	if !ok || e.Status != http.StatusNotFound || len(models) == 0 || slices.Contains(models, d.asked()) {
		return ""
	}
	more := ""
	if len(models) > maxNamed {
		models, more = models[:maxNamed], " and more"
	}
	return ". It offers " + strings.Join(models, ", ") + more
}
