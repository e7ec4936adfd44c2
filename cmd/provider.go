package cmd

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tmates/tmates/agents/providers"
	"github.com/tmates/tmates/server/control"
	"github.com/tmates/tmates/store/tmates"
)

func (p *program) providerCommand() *cobra.Command {
	return group("provider", "Connect, try and choose the services that answer as models",
		p.providerListCommand(), p.providerDetectCommand(), p.providerModelsCommand(), p.providerTestCommand(), p.providerAddCommand(),
		p.providerChangeCommand("default NAME", "Choose who answers for tmates that name no provider", "now answers by default"),
		p.providerChangeCommand("remove NAME", "Forget a saved provider and its key", "is gone"))
}

// askProvider is ask for commands about providers, which may wait for a service.
// Nothing to ask is not ready.
func (p *program) askProvider(cmd *cobra.Command, command string, in, out any) error {
	ctx, cancel := context.WithTimeout(cmd.Context(), 2*providers.ProbeTime) // the server's own limits come first
	defer cancel()
	cmd.SetContext(ctx)
	err := p.ask(cmd, command, in, out)
	e, _ := errors.AsType[*tmates.Error](err)
	switch {
	case e == nil:
		return err
	case e.Code == "no_provider":
		return notReady{err}
	case e.Code == "provider_not_found":
		return fmt.Errorf("%w: type `tmates provider list` for those there are", err)
	}
	return err
}

func (p *program) providerListCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "list", Short: "List the providers; nobody is contacted", Args: usageArgs(cobra.NoArgs)}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		var all control.Providers
		if err := p.ask(cmd, "provider.list", struct{}{}, &all); err != nil {
			return err
		}
		if *asJSON {
			return p.printJSON(all)
		}
		if len(all.Providers) == 0 {
			_, err := fmt.Fprintln(p.out, "No model is connected. Look for one on this machine:  tmates provider detect")
			return err
		}
		rows := [][]string{{"NAME", "TYPE", "WHERE", "MODEL", "FROM", "DEFAULT", "KEY", "LAST USE"}}
		for _, pr := range all.Providers {
			rows = append(rows, []string{pr.Name, pr.Type, pr.Host, pr.Model, pr.Source, yesNo(pr.Default), yesNo(pr.KeySet), lastUse(pr)})
		}
		return p.table(rows)
	}
	return cmd
}

// lastUse tells how a provider is doing.
func lastUse(pr control.Provider) string {
	switch use := pr.LastUse; {
	case pr.Problem != "":
		return pr.Problem
	case use == nil:
		return "-"
	case use.Problem != "":
		return use.At.Local().Format(time.DateTime) + " " + use.Problem
	default:
		return use.At.Local().Format(time.DateTime) + " answered"
	}
}

func (p *program) providerDetectCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "detect", Short: "Look for Ollama, llama.cpp and LM Studio on the server's machine", Args: usageArgs(cobra.NoArgs),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		var found control.FoundProviders
		if err := p.askProvider(cmd, "provider.detect", struct{}{}, &found); err != nil {
			return err
		}
		if *asJSON {
			return p.printJSON(found)
		}
		rows, next := [][]string{{"PROGRAM", "ADDRESS", "ANSWERS", "MODELS"}}, ""
		for _, f := range found.Places {
			models := strings.Join(f.Models, ", ")
			if !f.Answers {
				models = f.Problem
			}
			rows = append(rows, []string{f.Name, f.BaseURL, yesNo(f.Answers), models})
			if next == "" && len(f.Models) > 0 {
				next = fmt.Sprintf("Connect it:  tmates provider add local --type %s --base-url %s --model %s", f.Type, f.BaseURL, f.Models[0])
			}
		}
		if err := p.table(rows); err != nil || next == "" {
			return err
		}
		_, err := fmt.Fprintln(p.out, printable(next))
		return err
	}
	return cmd
}

func (p *program) providerModelsCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "models [NAME]", Short: "Ask a provider, or the default, which models it has", Args: usageArgs(cobra.MaximumNArgs(1))}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		var list control.ProviderModels
		if err := p.askProvider(cmd, "provider.models", named(args), &list); err != nil {
			return err
		}
		if *asJSON {
			return p.printJSON(list)
		}
		for _, model := range list.Models {
			if _, err := fmt.Fprintln(p.out, printable(model)); err != nil {
				return err
			}
		}
		return nil
	}
	return cmd
}

func named(args []string) control.ProviderName {
	if len(args) == 0 {
		return control.ProviderName{}
	}
	return control.ProviderName{Name: args[0]}
}

func (p *program) providerTestCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "test [NAME]", Short: "Ask a provider, or the default, for its models and for one token", Args: usageArgs(cobra.MaximumNArgs(1)),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		var test control.ProviderTest
		if err := p.askProvider(cmd, "provider.test", named(args), &test); err != nil {
			return err
		}
		if *asJSON {
			if err := p.printJSON(test); err != nil || test.OK {
				return err
			}
			return errSaid
		}
		if !test.OK {
			return errors.New(printable(test.Problem))
		}
		_, err := fmt.Fprintf(p.out, "%s answers (%s)\n", test.Name, figures(test))
		return err
	}
	return cmd
}

func figures(test control.ProviderTest) string {
	took := time.Duration(test.DurationMS) * time.Millisecond
	return fmt.Sprintf("took %s; tokens read: %d, written: %d; models there: %d", took, test.PromptTokens, test.CompletionTokens, len(test.Models))
}

func (p *program) providerAddCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "add NAME", Short: "Test a provider and save it", Args: usageArgs(cobra.ExactArgs(1)),
		Long: `Test a provider and save it. Nothing is saved when the test fails.

  tmates provider add local --type ollama --model llama3.2
  tmates provider add cloud --type anthropic --model MODEL --key-stdin < key.txt

Without --model, an Ollama or a service at --base-url is asked for the first model it
has. Adding a name again replaces it; the key stays, unless the address changes.`,
	}
	var in control.AddProvider
	f := cmd.Flags()
	f.StringVar(&in.Type, "type", "", "openai (any service that speaks Chat Completions), azure, ollama or anthropic")
	f.StringVar(&in.BaseURL, "base-url", "", "address of the service; left out, the usual one of the type")
	f.StringVar(&in.Model, "model", "", "model to ask for")
	f.StringVar(&in.Deployment, "deployment", "", "deployment to ask (azure)")
	f.StringVar(&in.APIVersion, "api-version", "", "version of the protocol (azure)")
	f.StringVar(&in.Effort, "effort", "", "how hard the model thinks: low, medium or high")
	f.IntVar(&in.MaxOutputTokens, "max-output-tokens", 0, "longest answer; 0 lets the service decide")
	f.IntVar(&in.ContextWindow, "context-window", 0, "tokens the model reads; 0 means 8192 for ollama and 128000 for others")
	f.IntVar(&in.Concurrency, "concurrency", 0, "requests at a time; 0 means 1 for ollama and 4 for others")
	temperature := f.Float64("temperature", 0, "randomness from 0 to 2; left out, the service decides")
	vision := f.Bool("vision", false, "whether the model can look at pictures; left out, as usual for the type")
	key := f.Bool("key-stdin", false, "read the key from standard input")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		in.Name = args[0]
		if in.Type == "" {
			return usageError{errors.New("--type is missing: openai, azure, ollama or anthropic")}
		}
		if f.Changed("temperature") {
			in.Temperature = temperature
		}
		if f.Changed("vision") {
			in.Vision = vision
		}
		if *key {
			var err error
			if in.APIKey, err = p.readSecret("key", "key-stdin"); err != nil {
				return err
			}
		}
		var test control.ProviderTest
		if err := p.askProvider(cmd, "provider.add", in, &test); err != nil {
			return err
		}
		_, err := fmt.Fprintf(p.out, "%s is saved and answers with %s (%s).\nWho answers by default:  tmates provider list\n", test.Name, printable(test.Model), figures(test))
		return err
	}
	return cmd
}

// providerChangeCommand makes a command of one name; the first word of use is the
// operator's command.
func (p *program) providerChangeCommand(use, short, done string) *cobra.Command {
	verb, _, _ := strings.Cut(use, " ")
	return &cobra.Command{
		Use: use, Short: short, Args: usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			var changed control.ProviderName
			if err := p.askProvider(cmd, "provider."+verb, control.ProviderName{Name: args[0]}, &changed); err != nil {
				return err
			}
			_, err := fmt.Fprintf(p.out, "%s %s\n", changed.Name, done)
			return err
		},
	}
}
