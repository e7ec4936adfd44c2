package providers

import (
	"context"
	"sync"
	"time"
)

// detectTime bounds the look at one place.
const detectTime = 3 * time.Second

// Local is a place where a service on this machine usually is.
type Local struct {
	Name    string // of the program, for people
	Type    string
	BaseURL string
}

// UsualPlaces lists where the usual programs listen on this machine.
func UsualPlaces() []Local {
	return []Local{
		{"Ollama", Ollama, "http://127.0.0.1:11434"},
		{"llama.cpp", OpenAI, "http://127.0.0.1:8080/v1"},
		{"LM Studio", OpenAI, "http://127.0.0.1:1234/v1"},
	}
}

// Found is a place that was looked at.
type Found struct {
	Local
	Answers bool
	Models  []string // sorted; empty when nothing answers
	Problem string   // why not; empty when it answers
}

// Local lists the places [Set.Detect] would look at. It contacts nothing.
func (s *Set) Local() []Local { return s.opt.Local }

// Detect looks at every local place, and says what answers there.
func (s *Set) Detect(ctx context.Context) ([]Found, error) {
	leave, err := s.within(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	out := make([]Found, len(s.opt.Local))
	var looks sync.WaitGroup
	for i, place := range s.opt.Local {
		looks.Go(func() { out[i] = look(ctx, place) })
	}
	looks.Wait()
	return out, nil
}

func look(ctx context.Context, place Local) Found {
	out := Found{Local: place}
	ctx, cancel := context.WithTimeout(ctx, detectTime)
	defer cancel()
	b, err := build(Definition{Type: place.Type, BaseURL: place.BaseURL}.complete(), true)
	if err != nil {
		out.Problem = "The place is no address"
		return out
	}
	defer b.CloseIdle()
	switch out.Models, err = b.Models(ctx); {
	case ctx.Err() != nil:
		out.Problem = "Nothing answered in time"
	case err != nil:
		out.Problem = sentence(err)
	default:
		out.Answers = true
	}
	return out
}
