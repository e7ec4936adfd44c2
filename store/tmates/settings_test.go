package tmates_test

import (
	"testing"

	"github.com/tmates/tmates/store/tmates"
)

func TestDefaultSettings(t *testing.T) {
	t.Parallel()
	want := tmates.Settings{
		AllowNotifications: true, Mentions: true, DirectMessages: true, TeamMessages: true,
		UsageAnalytics: true, CrashReports: true, Theme: "system",
		Web: tmates.WebSettings{Language: "system", SendWith: "enter"},
	}
	if got := tmates.DefaultSettings(); got != want {
		t.Errorf("defaults = %+v, want %+v", got, want)
	}
}
