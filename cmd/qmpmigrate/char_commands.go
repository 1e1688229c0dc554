package main

import (
	"context"
	"encoding/base64"
	"strings"

	"qmpmigrate/channels/chardev"
	"qmpmigrate/qapi"
)

var _ qapi.CharCommands = (*chardevs)(nil)

// QueryChardev is query-chardev.
func (d *chardevs) QueryChardev(context.Context) ([]qapi.ChardevInfo, error) {
	list := []qapi.ChardevInfo{}
	for _, device := range d.list {
		for _, i := range device.Info() {
			list = append(list, qapi.ChardevInfo{Label: i.Label, Filename: i.Filename, FrontendOpen: i.FrontendOpen})
		}
	}
	return list, nil
}

// QueryChardevBackends is query-chardev-backends.
func (d *chardevs) QueryChardevBackends(context.Context) ([]qapi.ChardevBackendInfo, error) {
	list := []qapi.ChardevBackendInfo{}
	for _, name := range chardev.Backends() {
		list = append(list, qapi.ChardevBackendInfo{Name: name})
	}
	return list, nil
}

// RingbufWrite is ringbuf-write.
func (d *chardevs) RingbufWrite(_ context.Context, args *qapi.RingbufWriteArgs) error {
	ring, err := d.ring(args.Device)
	if err != nil {
		return err
	}
	data := []byte(args.Data)
	if args.Format != nil && *args.Format == qapi.DataFormatBase64 {
		if data, err = decodeBase64(args.Data); err != nil {
			return err
		}
	}
	_, err = ring.Write(data)
	return err
}

// RingbufRead is ringbuf-read.
func (d *chardevs) RingbufRead(_ context.Context, args *qapi.RingbufReadArgs) (string, error) {
	ring, err := d.ring(args.Device)
	if err != nil {
		return "", err
	}
	if args.Size <= 0 {
		return "", qapi.Errorf("size must be greater than zero")
	}
	data := ring.Take(args.Size)
	if args.Format != nil && *args.Format == qapi.DataFormatBase64 {
		return base64.StdEncoding.EncodeToString(data), nil
	}
	text, _, _ := strings.Cut(string(data), "\x00") // QEMU's strings end there
	return text, nil
}

func (d *chardevs) ring(label string) (*chardev.Ring, error) {
	device := d.find(label)
	if device == nil {
		return nil, qapi.Errorf("Device '%s' not found", label)
	}
	ring := device.Ring(label)
	if ring == nil {
		return nil, qapi.Errorf("%s is not a ringbuf device", label)
	}
	return ring, nil
}

const base64Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\n"

// decodeBase64 is as lenient as QEMU: line ends are passed over, and what does
// not come out as whole bytes is dropped.
func decodeBase64(text string) ([]byte, error) {
	if strings.Trim(text, base64Alphabet) != "" {
		return nil, qapi.Errorf("Base64 data contains invalid characters")
	}
	text = strings.ReplaceAll(text, "\n", "")
	var data []byte
	for ; len(text) >= 4; text = text[4:] {
		group, err := base64.StdEncoding.DecodeString(text[:4])
		if err != nil {
			break
		}
		data = append(data, group...)
	}
	return data, nil
}
