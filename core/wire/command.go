package wire

import "encoding/binary"

// CommandCode is what a COMMAND element asks of the destination.
type CommandCode uint16

// The stream's commands.
const (
	CmdOpenReturnPath     CommandCode = 1
	CmdPing               CommandCode = 2
	CmdPostcopyAdvise     CommandCode = 3
	CmdPostcopyListen     CommandCode = 4
	CmdPostcopyRun        CommandCode = 5
	CmdPostcopyRAMDiscard CommandCode = 6
	CmdPackaged           CommandCode = 7
	CmdEnableCOLO         CommandCode = 8
	CmdPostcopyResume     CommandCode = 9
	CmdRecvBitmap         CommandCode = 10
	CmdSwitchoverStart    CommandCode = 11
)

// AppendCommand appends a COMMAND element. payload has at most 65535 bytes.
func AppendCommand(b []byte, code CommandCode, payload []byte) []byte {
	b = append(b, byte(Command))
	b = binary.BigEndian.AppendUint16(b, uint16(code))
	b = binary.BigEndian.AppendUint16(b, uint16(len(payload)))
	return append(b, payload...)
}

// PayloadSize gives the length that the payload of code has by definition;
// ok is false where it varies or the code is unknown.
func (c CommandCode) PayloadSize() (size int, ok bool) {
	switch c {
	case CmdOpenReturnPath, CmdPostcopyListen, CmdPostcopyRun, CmdEnableCOLO,
		CmdPostcopyResume, CmdSwitchoverStart, CmdEstimate:
		return 0, true
	case CmdPing, CmdPackaged:
		return 4, true
	}
	return 0, false
}

// Known says whether c is one of the stream's commands.
func (c CommandCode) Known() bool { return c >= CmdOpenReturnPath && c <= CmdSwitchoverStart }

func (c CommandCode) String() string {
	switch c {
	case CmdOpenReturnPath:
		return "OPEN_RETURN_PATH"
	case CmdPing:
		return "PING"
	case CmdPostcopyAdvise:
		return "POSTCOPY_ADVISE"
	case CmdPostcopyListen:
		return "POSTCOPY_LISTEN"
	case CmdPostcopyRun:
		return "POSTCOPY_RUN"
	case CmdPostcopyRAMDiscard:
		return "POSTCOPY_RAM_DISCARD"
	case CmdPackaged:
		return "PACKAGED"
	case CmdEnableCOLO:
		return "ENABLE_COLO"
	case CmdPostcopyResume:
		return "POSTCOPY_RESUME"
	case CmdRecvBitmap:
		return "RECV_BITMAP"
	case CmdSwitchoverStart:
		return "SWITCHOVER_START"
	case CmdEstimate:
		return "ESTIMATE"
	}
	return "INVALID"
}
