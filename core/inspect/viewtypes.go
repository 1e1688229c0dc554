package inspect

import "math"

// The JSON form of a report; WriteJSON documents it.

type reportView struct {
	Size          int64              `json:"size"`
	Configuration *configurationView `json:"configuration,omitempty"`
	Elements      []elementView      `json:"elements"`
	RAM           *ramView           `json:"ram,omitempty"`
	Description   *descriptionView   `json:"description,omitempty"`
	Error         *errorView         `json:"error,omitempty"`
}

type configurationView struct {
	Machine      string   `json:"machine"`
	PageBits     uint32   `json:"target-page-bits,omitempty"`
	Capabilities []string `json:"capabilities,omitempty"`
	UUID         string   `json:"uuid,omitempty"`
}

type elementView struct {
	Kind    Kind          `json:"kind"`
	Offset  int64         `json:"offset"`
	Length  int64         `json:"length"`
	Section *sectionView  `json:"section,omitempty"`
	Parts   int           `json:"parts,omitempty"`
	Pages   *pagesView    `json:"pages,omitempty"`
	Command *commandView  `json:"command,omitempty"`
	Package []elementView `json:"package,omitempty"`
	Device  *nodeView     `json:"device,omitempty"`
}

type sectionView struct {
	ID         uint32 `json:"id"`
	Name       string `json:"name"`
	Instance   uint32 `json:"instance"`
	Version    uint32 `json:"version"`
	BodyOffset int64  `json:"body-offset"`
	BodyLength int64  `json:"body-length"`
}

type commandView struct {
	Code    uint16 `json:"code"`
	Name    string `json:"name"`
	Payload string `json:"payload"`
}

type ramView struct {
	Total  uint64      `json:"total"`
	Pages  pagesView   `json:"pages"`
	Blocks []blockView `json:"blocks"`
}

type blockView struct {
	Name        string     `json:"name"`
	Used        uint64     `json:"used-length"`
	PageSize    uint64     `json:"page-size,omitempty"`
	PagesOffset uint64     `json:"pages-offset,omitempty"`
	GPA         *uint64    `json:"gpa,omitempty"`
	Pages       pagesView  `json:"pages"`
	Start       *pagesView `json:"start,omitempty"`
	Part        *pagesView `json:"part,omitempty"`
	End         *pagesView `json:"end,omitempty"`
}

type pagesView struct {
	Normal     uint64 `json:"normal"`
	Zero       uint64 `json:"zero"`
	XBZRLE     uint64 `json:"xbzrle,omitempty"`
	Compressed uint64 `json:"compressed,omitempty"`
}

type descriptionView struct {
	PageSize int64 `json:"page-size"`
	Devices  int   `json:"devices"`
}

type errorView struct {
	Message string `json:"message"`
	Section string `json:"section,omitempty"`
	Offset  *int64 `json:"offset,omitempty"`
}

type nodeView struct {
	Name    string     `json:"name"`
	Type    string     `json:"type"`
	Index   *int64     `json:"index,omitempty"`
	Version uint32     `json:"version,omitempty"`
	Offset  int64      `json:"offset"`
	Size    int        `json:"size"`
	Count   int64      `json:"count,omitempty"`
	Value   any        `json:"value,omitempty"`
	Raw     string     `json:"raw,omitempty"`
	Fields  []nodeView `json:"fields,omitempty"`
}

// finite drops values that JSON has no form for; their bytes are shown instead.
func finite(v any) any {
	switch v := v.(type) {
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil
		}
	case []float64:
		for _, f := range v {
			if finite(f) == nil {
				return nil
			}
		}
	}
	return v
}
