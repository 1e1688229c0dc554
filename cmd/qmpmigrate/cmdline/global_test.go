package cmdline

import (
	"fmt"
	"strings"
	"testing"
)

func TestGlobals(t *testing.T) {
	for _, row := range []struct{ line, want string }{
		{"-global migration.x-events=on", "[migration x-events on]"},
		{"-global migration.a=1,b=,,2", "[migration a 1,b=,,2]"}, // verbatim
		{"-global a.b.c=d", "[a b.c d]"},
		{"-global a.b=", "[a b ]"},
		{"-global driver=migration,property=x-events,value=o,,n", "[migration x-events o,n]"},
		{"-global driver=a.b,property=c,value=d", "[a.b c d]"},
		{"-global migration.x=1 -global migration.x=2", "[migration x 1] [migration x 2]"},
		{"-global " + strings.Repeat("d", 63) + "." + strings.Repeat("p", 63) + "=1",
			"[" + strings.Repeat("d", 63) + " " + strings.Repeat("p", 63) + " 1]"},
	} {
		var got []string
		for _, g := range parsed(t, row.line).Globals {
			got = append(got, fmt.Sprintf("[%s %s %s]", g.Driver, g.Property, g.Value))
		}
		if strings.Join(got, " ") != row.want {
			t.Errorf("%s:\n got %s\nwant %s", row.line, got, row.want)
		}
	}
}

func TestGlobalErrors(t *testing.T) {
	long := strings.Repeat("x", 64)
	checkBad(t, []badLine{
		{"-global driver=migration", "@: options 'driver', 'property', and 'value' are required"},
		{"-global ''", "@: options 'driver', 'property', and 'value' are required"},
		{"-global =1", "@: Invalid parameter ''"},
		{"-global migration=1", "@: Invalid parameter 'migration'"},
		{"-global .x=1", "@: Invalid parameter '.x'"},
		{"-global a.=1", "@: Invalid parameter 'a.'"},
		{"-global " + long + ".x=1", "@: Invalid parameter '" + long + ".x'"},
	})
	for _, word := range []string{"migration", "migration.x-events"} {
		_, warnings, err := Parse("PROG", []string{"-global", word})
		want := "PROG: -global " + word + ": warning: short-form boolean option '" + word + "' deprecated\nPlease use " +
			word + "=on instead\n"
		if len(warnings) != 1 || warnings[0].Render("PROG") != want {
			t.Errorf("%s: warnings %v", word, warnings)
		}
		if err == nil || errText(err) != "Invalid parameter '"+word+"'" {
			t.Errorf("%s: %v", word, err)
		}
	}
	if exit := printed(t, "-global help"); exit.Status != 1 || !strings.HasPrefix(exit.Text, "global options:\n  driver=<str>\n") {
		t.Errorf("help: %+v", exit)
	}
}

func TestGlobalMessages(t *testing.T) {
	g := parsed(t, "-global migration.bogus=on").Globals[0]
	failure := g.Failure(fail("Property 'migration.bogus' not found")).Render("PROG")
	if want := "PROG: can't apply global migration.bogus=on: Property 'migration.bogus' not found\n"; failure != want {
		t.Errorf("failure %q", failure)
	}
	unused := Global{Driver: "bogus", Property: "x"}.Unused().Render("PROG")
	if want := "PROG: warning: global bogus.x has invalid class name\n"; unused != want {
		t.Errorf("unused %q", unused)
	}
}
