package links

import (
	"io"

	"qmpmigrate/channels"
	"qmpmigrate/qapi"
)

// FileLanes are the lanes of a migration to or from a file: the same file,
// opened once more for each.
type FileLanes []channels.File

// FileLanes opens the lanes where addr is a file. There are none without multifd,
// or where pages have no places of their own in the file.
func (m *Maker) FileLanes(addr channels.Address, write bool) (files FileLanes, err error) {
	if addr.Transport != channels.TransportFile || !m.settings.Enabled(qapi.MigrationCapabilityMappedRAM) {
		return nil, nil
	}
	for range m.settings.Lanes() {
		f, err := addr.File.Again(write, m.settings.DirectIO())
		if err != nil {
			files.Close()
			return nil, err
		}
		files = append(files, f)
	}
	return files, nil
}

// Close closes all files.
func (files FileLanes) Close() {
	for _, f := range files {
		f.Close()
	}
}

// Shutdown frees whoever waits for a file.
func (files FileLanes) Shutdown() {
	for _, f := range files {
		f.Shutdown()
	}
}

// Readers are the files as the loader knows them.
func (files FileLanes) Readers() (list []io.ReaderAt) {
	for _, f := range files {
		list = append(list, f)
	}
	return list
}

// Writers are the files as the saver knows them.
func (files FileLanes) Writers() (list []io.WriterAt) {
	for _, f := range files {
		list = append(list, f)
	}
	return list
}
