package main

import (
	"context"
	"fmt"
	"io"

	"qmpmigrate/channels"
	"qmpmigrate/channels/chardev"
	"qmpmigrate/cmd/qmpmigrate/cmdline"
	"qmpmigrate/core/yank"
	"qmpmigrate/qapi/passfd"
)

// chardevs are the process's character devices, in the order in which they
// were opened.
type chardevs struct {
	env    chardev.Env
	report func(w cmdline.Warning) // shows what does not end the process
	yank   yank.Register           // of the whole process

	sets *passfd.Sets // for the paths /dev/fdset/N; nil: there are none
	done []func()     // give back what was taken out of sets

	list   []*chardev.Device
	byConf map[*cmdline.Chardev]*chardev.Device
}

func newChardevs(report func(cmdline.Warning), quit func()) *chardevs {
	d := &chardevs{report: report, byConf: map[*cmdline.Chardev]*chardev.Device{}}
	d.env = chardev.Env{Yank: d.enterYank, OpenFile: d.openFile, Quit: quit}
	return d
}

// enterYank enters a socket into the register of what can be cut off.
func (d *chardevs) enterYank(label string, cut func()) (remove func(), err error) {
	return d.yank.Add(yank.Instance{Kind: yank.Chardev, ID: label}, cut)
}

// open opens all devices of the command line. ctx ends the wait for clients.
func (d *chardevs) open(ctx context.Context, conf *cmdline.Config) error {
	for _, c := range conf.Chardevs {
		if err := d.openOne(ctx, c, conf.Objects); err != nil {
			return chardevError(c, err)
		}
	}
	if q := conf.Qtest; q != nil && d.byConf[q] == nil {
		if err := d.openOne(ctx, q, conf.Objects); err != nil {
			return qtestError(q, err)
		}
	}
	return nil
}

func (d *chardevs) openOne(ctx context.Context, c *cmdline.Chardev, objects []cmdline.Object) error {
	conf, err := chardevConfig(c, objects)
	if err != nil {
		return err
	}
	env := d.env
	env.Info = func(text string) {
		d.report(cmdline.Warning{Origin: c.Where, Level: cmdline.LevelInfo, Text: text})
	}
	env.Warn = func(text string) { d.report(cmdline.Warning{Text: text}) }
	device, err := chardev.Open(ctx, conf, env)
	if err != nil {
		return err
	}
	for _, i := range device.Info() {
		if d.find(i.Label) != nil { // the second name of a device that is shared
			device.Close()
			return fmt.Errorf("attempt to add duplicate property '%s' to object (type 'container')", i.Label)
		}
	}
	d.list = append(d.list, device)
	d.byConf[c] = device
	return nil
}

// find returns the device that has label for one of its names, or nil.
func (d *chardevs) find(label string) *chardev.Device {
	for _, device := range d.list {
		for _, i := range device.Info() {
			if i.Label == label {
				return device
			}
		}
	}
	return nil
}

// attach gives a device its front end, or one more.
func (d *chardevs) attach(c *cmdline.Chardev, f chardev.Frontend) error {
	return d.byConf[c].Attach(f)
}

// serial attaches the serial ports to their devices and returns the first one,
// nil if there is none. On a device that is shared with monitors it comes last,
// and so has the input first.
func (d *chardevs) serial(conf *cmdline.Config) (first io.Writer, err error) {
	for i, port := range conf.Serial {
		if port.Chardev == nil {
			continue
		}
		w, err := d.byConf[port.Chardev].Writer()
		if err != nil {
			return nil, port.Where.Errorf("%v", err)
		}
		if i == 0 {
			first = w
		}
	}
	return first, nil
}

// start serves whoever is or gets connected, once all front ends are attached.
func (d *chardevs) start() {
	for _, device := range d.list {
		device.Start()
	}
}

// stopListening lets nobody in any more, so that whoever sees the end of one
// client finds no server that is about to end.
func (d *chardevs) stopListening() {
	for _, device := range d.list {
		device.StopListening()
	}
}

func (d *chardevs) close() {
	for _, device := range d.list {
		device.Close()
	}
	for _, done := range d.done {
		done()
	}
}

// chardevError names the option that a device was asked for with. The serial
// ports' has something to add.
func chardevError(c *cmdline.Chardev, err error) error {
	e := c.Where.Errorf("%v", err)
	if hint := channels.Hint(err); hint != "" {
		e.Hints = []string{hint}
	}
	if c.Where.Option == "-serial" {
		e.Then = fmt.Sprintf("could not connect serial device to character backend '%s'", c.Where.Value)
	}
	return e
}

func qtestError(c *cmdline.Chardev, err error) error {
	e := cmdline.Origin{}.Errorf("%v", err)
	e.Then = fmt.Sprintf("Failed to initialize device for qtest: \"%s\"", c.Where.Value)
	return e
}

// isMemory tells devices that nobody is connected to.
func isMemory(c *cmdline.Chardev) bool {
	switch chardev.Backend(c.Backend) {
	case chardev.Null, chardev.RingBuf, chardev.Memory, chardev.Console:
		return true
	}
	return false
}
