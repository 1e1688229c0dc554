package block

// Roots lists the disks as a whole, in QEMU's order: those of drives and devices, each
// once, and then the nodes that a user added and that nothing uses. Of the latter
// only Node is there.
func (g *Graph) Roots() []Backend {
	g.mu.Lock()
	defer g.mu.Unlock()
	var list []Backend
	seen := map[*Node]bool{}
	for _, b := range g.backends {
		if !seen[b.Node] {
			seen[b.Node] = true
			list = append(list, b)
		}
	}
	for _, n := range g.nodes {
		if !seen[n] && g.owned[n] && !g.used(n) {
			list = append(list, Backend{Node: n})
		}
	}
	return list
}
