package providers

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/tmates/tmates/store/tmates"
)

// maxSaved bounds how many providers are saved.
const maxSaved = 32

var errUnknown = tmates.E(tmates.NotFound, "provider_not_found", nil, "Provider not found")

// Save tests a provider and keeps it, in the place of a saved one of its name. A
// definition without a key keeps the saved key as long as type, scheme and host stay
// the same: a key is sent nowhere else. The first usable provider becomes the
// default. A failed test saves nothing and is an error of kind Invalid.
func (s *Set) Save(ctx context.Context, name string, d Definition) (Report, error) {
	if err := checkName(name); err != nil {
		return Report{}, err
	}
	if err := s.changeable(name); err != nil {
		return Report{}, err
	}
	report, err := s.Test(ctx, name, d)
	if err != nil {
		return Report{}, err
	}
	if !report.OK {
		return report, tmates.E(tmates.Invalid, "provider_test_failed", nil, "%s. Nothing was saved", report.Problem)
	}
	s.change.Lock()
	defer s.change.Unlock()
	r := s.roster.Load().copy()
	if _, replaces := r.saved.Providers[name]; !replaces && len(r.saved.Providers) >= maxSaved {
		return report, tmates.E(tmates.Conflict, "providers_full", nil, "%d providers are saved: remove one first", maxSaved)
	}
	d = r.inherit(name, d)
	p := s.savedProvider(name, d)
	if p.line == nil {
		return report, fmt.Errorf("build provider %s: %s", name, p.problem)
	}
	old := r.all[name]
	r.all[name], r.saved.Providers[name] = p, d
	if r.all[r.answer] == nil || r.all[r.answer].line == nil {
		r.saved.Default = name
	}
	if err := s.keep(name, d.APIKey, r); err != nil {
		return report, err
	}
	old.retire()
	return report, nil
}

// Remove forgets a saved provider and its key. Turns that run end as they began.
func (s *Set) Remove(name string) error {
	if err := s.changeable(name); err != nil {
		return err
	}
	s.change.Lock()
	defer s.change.Unlock()
	r := s.roster.Load().copy()
	if _, found := r.saved.Providers[name]; !found {
		return errUnknown
	}
	old := r.all[name]
	delete(r.all, name)
	delete(r.saved.Providers, name)
	if r.saved.Default == name {
		r.saved.Default = ""
	}
	if d, waits := s.opt.Configured[name]; waits { // it stood in for this one
		p, err := s.configured(name, d)
		if err != nil {
			return fmt.Errorf("build provider %s: %w", name, err)
		}
		r.all[name] = p
	}
	if err := s.keep(name, "", r); err != nil {
		return err
	}
	old.retire()
	return nil
}

// SetDefault chooses the provider that answers when nothing else is said.
func (s *Set) SetDefault(name string) error {
	s.change.Lock()
	defer s.change.Unlock()
	r := s.roster.Load().copy()
	switch p := r.all[name]; {
	case p == nil:
		return errUnknown
	case s.opt.Fixed:
		return tmates.E(tmates.Conflict, "provider_configured", nil,
			"The configuration names the default provider, %s: change provider there and restart the server", s.opt.Default)
	case p.line == nil:
		return tmates.E(tmates.Conflict, "provider_unusable", nil, "The provider %s cannot answer yet: it %s", name, p.problem)
	}
	r.saved.Default = name
	if err := r.saved.write(s.opt.Dir); err != nil {
		return err
	}
	s.settle(r)
	return nil
}

// changeable refuses to change what the configuration says.
func (s *Set) changeable(name string) error {
	if p := s.roster.Load().all[name]; p != nil && p.source == SourceConfig && p.line != nil {
		return tmates.E(tmates.Conflict, "provider_configured", nil,
			"The provider %s stands in the configuration: change it there and restart the server, or choose another name", name)
	}
	return nil
}

// keep writes a change down and makes it count. The key goes first: one without a
// definition harms nobody. When the definitions cannot be written, the key goes back.
func (s *Set) keep(name, key string, r *roster) error {
	keys, err := s.opt.Keys.ProviderKeys()
	if err != nil {
		return err
	}
	if err := s.opt.Keys.SetProviderKey(name, key); err != nil {
		return err
	}
	if err := r.saved.write(s.opt.Dir); err != nil {
		return errors.Join(err, s.opt.Keys.SetProviderKey(name, keys[name]))
	}
	s.settle(r)
	return nil
}

// inherit fills in what a person need not repeat: the key of a provider that stays
// where it is, and the address of one that waits for its model.
func (r *roster) inherit(name string, d Definition) Definition {
	p := r.all[name]
	if p == nil {
		return d
	}
	if d.BaseURL == "" && p.line == nil && p.def.Type == d.Type {
		d.BaseURL = p.def.BaseURL
	}
	if d.APIKey == "" && d.complete().origin() == p.def.origin() {
		d.APIKey = p.def.APIKey
	}
	return d
}

// copy returns a roster that may be changed. What it holds stays the same.
func (r *roster) copy() *roster {
	return &roster{
		all: maps.Clone(r.all), answer: r.answer,
		saved: saved{Default: r.saved.Default, Providers: maps.Clone(r.saved.Providers)},
	}
}

// retire closes the connections of a provider that is asked no more; what a running
// turn uses closes by itself.
func (p *provider) retire() {
	if p != nil && p.brain != nil {
		p.brain.CloseIdle()
	}
}
