package guest

// Throttled is a guest whose vCPUs can be slowed down.
type Throttled interface {
	Guest
	// SetThrottle makes every vCPU rest for percent of the time, 0 to 99, from
	// now on. It may be called at any time until Close, from any goroutine.
	SetThrottle(percent int)
}

// Throttle slows the vCPUs of m down, where it has any that can be.
func Throttle(m Machine, percent int) {
	if t, ok := m.(Throttled); ok {
		t.SetThrottle(percent)
	}
}

// SetThrottle is the guest's, where it has one.
func (n *native) SetThrottle(percent int) {
	if t, ok := n.Guest.(Throttled); ok {
		t.SetThrottle(percent)
	}
}
