package bench

import (
	"context"
	"fmt"

	"github.com/tmates/tmates/server/control"
)

// oneByOne makes each write a commit of its own.
var oneByOne = setting{"store.batch", "1"}

// message measures how long a message takes to the disk and back to its sender.
// It is said where no tmate is hired, so that no turn follows: the server says
// in the same commit that nobody answers.
func (r *run) message(ctx context.Context) error {
	crowd := r.o.Sizes.Crowd
	s := series{}
	bare, err := r.bare(ctx)
	if err != nil {
		return err
	}
	all, err := r.deaf(ctx, "message", crowd)
	if err != nil {
		return err
	}
	var single []*talker
	if oneByOne.known(r.dir) {
		if single, err = r.deaf(ctx, "message-single", crowd, oneByOne); err != nil {
			return err
		}
	}
	for range passes {
		if err := r.messagePass(ctx, s, bare, all, single); err != nil {
			return err
		}
	}
	r.plain(s, "bare.commit", "the machine: a bare commit, median", "ms")
	r.plain(s, "bare.rows", "the machine: bare rows, 64 a commit", "/s")
	for _, g := range r.o.Sizes.groups() {
		r.messageFigures(s, g, single != nil)
	}
	return nil
}

// deaf starts a server whose people talk to a tmate that was dismissed.
func (r *run) deaf(ctx context.Context, folder string, people int, settings ...setting) ([]*talker, error) {
	s, err := r.serve(ctx, folder, settings...)
	if err != nil {
		return nil, err
	}
	all, err := r.talkers(ctx, s, people, "adam", ownMessage)
	if err != nil {
		return nil, err
	}
	if err := s.operator.Call(ctx, "tmate.dismiss", control.Hire{Key: "adam"}, new(control.Tmate)); err != nil {
		return nil, fmt.Errorf("dismiss tmate: %w", err)
	}
	_, err = speak(ctx, all, r.o.Time/4) // caches and connections are warm afterwards
	return all, err
}

// messagePass measures everything once, and the limits beside it.
func (r *run) messagePass(ctx context.Context, s series, bare *commits, all, single []*talker) error {
	commits, err := bare.single(ctx, r.o.Time/2)
	if err != nil {
		return err
	}
	s.add("bare.commit", milliseconds(percentile(commits, 0.5)))
	rows, err := bare.grouped(ctx, r.o.Time/2)
	if err != nil {
		return err
	}
	s.add("bare.rows", rows)
	for _, g := range r.o.Sizes.groups() {
		t, err := speak(ctx, all[:g.n], r.o.Time)
		if err != nil {
			return err
		}
		t.note(s, "message."+g.name)
		if single == nil {
			continue
		}
		if t, err = speak(ctx, single[:g.n], r.o.Time); err != nil {
			return err
		}
		t.note(s, "single."+g.name)
	}
	return nil
}

func (r *run) messageFigures(s series, g group, single bool) {
	key, who := "message."+g.name, clients(g.n)
	if g.n == 1 {
		r.figure(s, key+".p50", who+", median", "ms", "bare.commit", "one bare commit")
	} else {
		r.plain(s, key+".p50", who+", median", "ms")
	}
	r.figure(s, key+".p99", who+", 99 of 100", "ms", key+".p50", "the median")
	r.figure(s, key+".rate", who+", messages", "/s", "single."+g.name+".rate", "one commit a write")
	if !single {
		r.missing(key+".single", who+", one commit a write", "this program has no key store.batch")
	}
	r.plain(s, key+".cpu", who+", CPU a message", "us")
}

// clients says how many talk.
func clients(n int) string {
	if n == 1 {
		return "1 client"
	}
	return fmt.Sprintf("%d clients", n)
}
