package wire

// VFIOTag says what follows in the section of a passed-through device.
type VFIOTag uint64

// The tags. A START body is Setup, End; a PART or END body any number of Data
// and then End, or InitialSent in its place; a FULL body Config and then End.
const (
	VFIOEnd         VFIOTag = 0xffffffffef100001
	VFIOConfig      VFIOTag = 0xffffffffef100002
	VFIOSetup       VFIOTag = 0xffffffffef100003
	VFIOData        VFIOTag = 0xffffffffef100004 // u64 size, and as many bytes
	VFIOInitialSent VFIOTag = 0xffffffffef100005 // all initial data is there; once
)

// VFIOVersion is the version of the section.
const VFIOVersion = 1
