package chardev

import (
	"context"
	"fmt"
	"os"
	"sync"
)

// MaxFrontends is how many front ends a shared device has at most.
const MaxFrontends = 4

// Device is an open character device.
type Device struct {
	conf   Config
	env    Env
	source source
	log    *os.File // nil: there is none
	unyank func()

	frontends []Frontend
	outlets   []*outlet
	first     *client // the client that was there when the device was opened

	cancel  context.CancelFunc // of what runs; nil before Start
	running sync.WaitGroup
	closing sync.Once

	mu      sync.Mutex
	current *client
}

// Open opens a device: sockets listen when it returns, or are connected unless Config.Reconnect is set. ctx ends what
// waits in there.
func Open(ctx context.Context, conf Config, env Env) (*Device, error) {
	d := &Device{conf: conf, env: env.filled(), unyank: func() {}}
	if err := d.open(ctx); err != nil {
		d.Close()
		return nil, err
	}
	return d, nil
}

func (d *Device) open(ctx context.Context) (err error) {
	if d.conf.LogFile != "" {
		if d.log, err = openLog(&d.conf, d.env); err != nil {
			return err
		}
	}
	if d.source, err = newSource(&d.conf, d.env); err != nil {
		return err
	}
	if d.conf.Backend == Socket {
		if d.unyank, err = d.env.Yank(d.baseLabel(), d.Cut); err != nil {
			return err
		}
	}
	d.first, err = d.source.open(ctx)
	d.setCurrent(d.first)
	return err
}

// Label is the device's name.
func (d *Device) Label() string { return d.conf.Label }

// baseLabel is the name of what is shared, if it is.
func (d *Device) baseLabel() string {
	if d.conf.Mux {
		return d.conf.Label + "-base"
	}
	return d.conf.Label
}

// Attach gives the device its front end, or one more if it is shared. It must not be called after Start.
func (d *Device) Attach(f Frontend) error {
	switch {
	case !d.conf.Mux && len(d.frontends) > 0:
		return fmt.Errorf("chardev '%s' is already in use", d.conf.Label)
	case len(d.frontends) == MaxFrontends:
		return fmt.Errorf("too many uses of multiplexed chardev '%s' (maximum is %d)", d.conf.Label, MaxFrontends)
	}
	d.frontends = append(d.frontends, f)
	return nil
}

// Start begins to serve clients. A device without a front end takes them and does nothing else.
func (d *Device) Start() {
	ctx, cancel := context.WithCancel(context.Background())
	d.cancel = cancel
	d.prepareTerminal()
	handler := d.handler()
	if handler == nil {
		return
	}
	if d.first == nil {
		d.releaseOutlets()
	}
	d.running.Go(func() { d.run(ctx, handler) })
}

// handler returns nil when there is nobody to serve and nothing to take.
func (d *Device) handler() Handler {
	switch {
	case d.conf.Mux && len(d.frontends) > 0:
		m := newMux(d.frontends, d.env.Quit)
		return m.serve
	case len(d.frontends) > 0:
		return d.frontends[0].Serve
	case d.conf.Backend == Socket:
		return discard
	}
	return nil
}

func (d *Device) releaseOutlets() {
	for _, o := range d.outlets {
		o.release()
	}
}

func (d *Device) prepareTerminal() {
	if tty, ok := d.source.(*stdio); ok && !d.conf.Mux && len(d.frontends) > 0 && d.frontends[0].Echo {
		tty.echo()
	}
}

// StopListening lets nobody in any more; who is there stays.
func (d *Device) StopListening() {
	if s, ok := d.source.(*server); ok {
		s.close()
	}
}

// Close ends the connections and releases everything: listening sockets go, a terminal is what it was before. A second
// call does nothing.
func (d *Device) Close() { d.closing.Do(d.release) }

func (d *Device) release() {
	if d.cancel != nil {
		d.cancel()
		d.running.Wait()
	}
	if d.first != nil {
		d.first.conn.Close()
	}
	d.releaseOutlets()
	d.unyank()
	if d.source != nil {
		d.source.close()
	}
	if d.log != nil {
		d.log.Close()
	}
}
