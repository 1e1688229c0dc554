package qobject

import (
	"strings"
	"testing"
)

func TestNestingLimit(t *testing.T) {
	var p Parser
	for _, pair := range []string{"[]", "{}"} {
		open, end := pair[:1], pair[1:]
		if open == "{" {
			open = `{"":`
		}
		deep := strings.Repeat(open, maxNesting-1) + pair + strings.Repeat(end, maxNesting-1)
		got := feed(&p, deep, 0)
		if len(got) != 1 || got[0][0] != '=' {
			t.Errorf("%s nested %d deep: %d outcomes, first %.60q", pair, maxNesting, len(got), got[0])
		}
	}
	got := feed(&p, strings.Repeat("[", 1025)+strings.Repeat("]", 1025), 0)
	if len(got) != 1026 || got[0] != "! JSON nesting depth limit exceeded" {
		t.Fatalf("%d outcomes, first %.60q", len(got), got[0])
	}
	for _, one := range got[1:] {
		if one != jsonError("expecting value") {
			t.Fatalf("follow-up %q", one)
		}
	}
	mixed := feed(&p, strings.Repeat(`[{"":`, 512)+"[", 0)
	if len(mixed) != 1 || mixed[0] != "! JSON nesting depth limit exceeded" {
		t.Errorf("mixed: %.60q", mixed)
	}
}

func TestTokenCountLimit(t *testing.T) {
	var p Parser
	list := func(elements int) string { return "[0" + strings.Repeat(",0", elements-1) + "]" }

	most := maxTokens/2 - 1 // n elements are 2n+1 tokens: this is one below the limit
	if got := feed(&p, list(most), 0); len(got) != 1 || got[0][0] != '=' {
		t.Errorf("just fitting: %d outcomes, first %.60q", len(got), got[0])
	}
	got := feed(&p, list(most+1), 0)
	if got[0] != "! JSON token count limit exceeded" || len(got) != 1 {
		t.Errorf("%d outcomes, first %.60q", len(got), got[0])
	}
	if got := feed(&p, "\xff{}", 0); got[len(got)-1] != "= {}" {
		t.Errorf("no recovery: %q", got)
	}
}

// TestTokenSizeLimit feeds strings of about 64 MiB in pieces that hold no whole token.
func TestTokenSizeLimit(t *testing.T) {
	if testing.Short() {
		t.Skip("large strings")
	}
	var (
		p     Parser
		chunk = []byte(strings.Repeat("a", 1<<20))
		got   []string
		emit  = func(v any, err error) {
			if s, ok := v.(string); ok && err == nil {
				v = int64(len(s))
			}
			got = append(got, outcome(v, err))
		}
		send = func(before string, content int, after string) {
			got = nil
			p.Reset()
			p.Feed([]byte(before), emit)
			for content > 0 {
				n := min(content, len(chunk))
				p.Feed(chunk[:n], emit)
				content -= n
			}
			p.Feed([]byte(after), emit)
		}
	)
	send(`"`, maxTokenBytes-3, `"`)
	if len(got) != 1 || got[0] != "= 67108861" {
		t.Errorf("just fitting: %.60q", got)
	}
	send(`"`, maxTokenBytes-2, `"{}`)
	if len(got) != 2 || got[0] != "! JSON token size limit exceeded" || got[1] != "= {}" {
		t.Errorf("one too many: %.60q", got)
	}
	send(`{"id":"`, maxTokenBytes, "\"}\n")
	if len(got) != 2 || got[0] != "! JSON token size limit exceeded" || got[1] != jsonError("stray '\"}\n'") {
		t.Errorf("64 MiB: %.60q", got)
	}
	if p.partial != nil {
		t.Errorf("%d bytes of buffer kept", cap(p.partial))
	}
}

func TestTokenSizeLimitCountsAllTokens(t *testing.T) {
	if testing.Short() {
		t.Skip("large strings")
	}
	var p Parser
	var got []string
	element := []byte(`,"` + strings.Repeat("b", 1<<20) + `"`)
	emit := func(v any, err error) {
		if err != nil {
			got = append(got, err.Error())
		}
	}
	p.Feed([]byte(`[0`), emit)
	for range 64 {
		p.Feed(element, emit)
	}
	if len(got) != 1 || got[0] != "JSON token size limit exceeded" {
		t.Errorf("%.60q", got)
	}
}
