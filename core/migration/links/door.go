package links

import (
	"context"
	"sync"

	"qmpmigrate/channels"
	"qmpmigrate/channels/tls"
	"qmpmigrate/qapi"
)

// maxHandshakes is how many may be under way at once: more than the channels of
// one migration, as those of strangers may be among them.
const maxHandshakes = 512

// door is where sources come in. With TLS they do once they have shown who they
// are: no handshake waits for another one, and one that fails is nobody's but
// its own.
type door struct {
	channels.Listener
	m      *Maker
	ctx    context.Context // ends with the door
	cancel context.CancelFunc
	mu     sync.Mutex      // held while a handshake begins, and while the door is closed
	early  []channels.Conn // clients that came while another was taken
	shakes sync.WaitGroup
	slots  chan struct{} // one for each handshake under way
	ready  chan channels.Conn
}

func (m *Maker) door(l channels.Listener) *door {
	d := &door{Listener: l, m: m, slots: make(chan struct{}, maxHandshakes), ready: make(chan channels.Conn, maxHandshakes)}
	d.ctx, d.cancel = context.WithCancel(context.Background())
	return d
}

// Addrs is all addresses of the listener.
func (d *door) Addrs() []channels.Address { return channels.Addresses(d.Listener) }

// Accept gives the next channel. What is wrong with the credentials of this side
// ends it, what is wrong with a client is reported.
func (d *door) Accept(ctx context.Context) (channels.Conn, error) {
	for {
		conn, err := d.next(ctx)
		if err != nil || tls.Of(conn) != nil {
			return conn, err
		}
		o := d.m.settings.TLS()
		if o.Creds == "" {
			return conn, nil
		}
		creds, err := d.m.host.TLSCredentials(o.Creds, qapi.QCryptoTLSCredsEndpointServer)
		if err == nil && !conn.TwoWay() {
			err = errOneWay
		}
		if err != nil {
			conn.Close()
			return nil, err
		}
		d.shake(creds, conn, o.Authz)
	}
}

// next waits for a client, or for the end of a handshake.
func (d *door) next(ctx context.Context) (channels.Conn, error) {
	if conn := d.waiting(); conn != nil {
		return conn, nil
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	came := make(chan accepted, 1)
	go func() {
		select {
		case d.slots <- struct{}{}: // there is room for one more
			conn, err := d.Listener.Accept(ctx)
			<-d.slots
			came <- accepted{conn, err}
		case <-ctx.Done():
			came <- accepted{nil, ctx.Err()}
		}
	}()
	select {
	case c := <-came:
		return c.conn, c.err
	case conn := <-d.ready:
		cancel()
		if c := <-came; c.err == nil { // at the same moment
			d.keep(c.conn)
		}
		return conn, nil
	}
}

// accepted is what a listener gave.
type accepted struct {
	conn channels.Conn
	err  error
}

// keep holds a client back for the next Accept.
func (d *door) keep(conn channels.Conn) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ctx.Err() != nil {
		conn.Close()
		return
	}
	d.early = append(d.early, conn)
}

// waiting gives what is there already, nil for nothing: channels that are ready
// before clients that came while one was taken.
func (d *door) waiting() channels.Conn {
	select {
	case conn := <-d.ready:
		return conn
	default:
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.early) == 0 {
		return nil
	}
	conn := d.early[0]
	d.early = d.early[1:]
	return conn
}

// shake begins a handshake with a client.
func (d *door) shake(creds tls.Credentials, conn channels.Conn, authz string) {
	var admit func(string) error
	if authz != "" {
		admit = func(name string) error { return d.m.host.Authorize(authz, name) }
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ctx.Err() != nil {
		conn.Close()
		return
	}
	d.slots <- struct{}{}
	d.shakes.Go(func() {
		defer func() { <-d.slots }()
		d.m.points.tlsIn.start.Tell()
		done, err := creds.Server(d.ctx, conn, admit)
		d.m.points.tlsIn.over(err)
		if err != nil {
			if d.ctx.Err() == nil {
				d.m.host.Report(err.Error())
			}
			return
		}
		select {
		case d.ready <- done:
		case <-d.ctx.Done():
			done.Close()
		}
	})
}

// Close ends the handshakes, too. Channels that nobody took are closed.
func (d *door) Close() error {
	err := d.Listener.Close()
	d.mu.Lock()
	d.cancel()
	for _, conn := range d.early {
		conn.Close()
	}
	d.early = nil
	d.mu.Unlock()
	d.shakes.Wait()
	for {
		select {
		case conn := <-d.ready:
			conn.Close()
		default:
			return err
		}
	}
}
