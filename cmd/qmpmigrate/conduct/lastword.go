package conduct

import "strings"

const returnPathCapability = "return-path"

// answered has the source wait for the destination's last word, unless the user
// has decided about that: what does not load there then stays where it is. It is
// left alone where the channel goes one way, or another capability is in the way.
func (c *conductor) answered(from string) (err error) {
	set := c.source.traits.settings
	if c.decided(returnPathCapability) || set[returnPathCapability] != "off" || set[copyingCapability] == "on" ||
		set["x-colo"] == "on" || !answers(from) {
		return nil
	}
	c.waits, err = c.Source.prefer(c.calls, returnPathCapability)
	return err
}

// answers says whether what a source sends to a URI can be answered.
func answers(uri string) bool {
	kind, _, _ := strings.Cut(uri, ":")
	return kind == "tcp" || kind == "unix" || kind == "vsock"
}

// restore leaves a source that keeps its VM as it was: not every migration that
// its user may begin next can be answered.
func (c *conductor) restore() {
	if c.waits {
		_ = c.Source.setCapabilities(c.calls, map[string]bool{returnPathCapability: false}) // no, while it is paused in postcopy
	}
}
