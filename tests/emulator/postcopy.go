package emulator

import "context"

// StartPostcopy lets the destination run as soon as that can be; what is missing there follows.
func (e *Emulator) StartPostcopy(ctx context.Context) error {
	return e.Execute(ctx, "migrate-start-postcopy", nil, nil)
}

// RecoverAt lets a destination that is paused in postcopy wait for its source again.
func (e *Emulator) RecoverAt(ctx context.Context, uri string) error {
	return e.Execute(ctx, "migrate-recover", map[string]any{"uri": uri}, nil)
}

// Resume lets a source that is paused in postcopy go on.
func (e *Emulator) Resume(ctx context.Context, uri string) error {
	return e.Execute(ctx, "migrate", map[string]any{"uri": uri, "resume": true}, nil)
}

// PackageSent is what a stream holds where it has entered postcopy: the fourth ping, behind the package with
// the devices.
func PackageSent() []byte { return []byte{8, 0, 2, 0, 4, 0, 0, 0, 4} }

// DevicesLoaded is what a destination answers when it has loaded the devices and is about to run: to the third
// ping, the last thing in the package but the order to run.
func DevicesLoaded() []byte { return []byte{0, 2, 0, 4, 0, 0, 0, 3} }
