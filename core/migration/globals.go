package migration

// Globals are what of the stream the machine's type and properties decide, as
// people are shown it.
type Globals struct {
	StoreGlobalState    bool
	OnlyMigratable      bool
	SendConfiguration   bool
	SendSectionFooter   bool
	SendSwitchoverStart bool
	ClearBitmapShift    uint8
}

// Globals tells what counts for the next migration.
func (m *Migration) Globals() Globals {
	q := m.settings.Quirks(m.host.Guest().Configuration().Machine)
	return Globals{
		StoreGlobalState:    q.StoreGlobalState,
		OnlyMigratable:      m.blockers.Refuses(),
		SendConfiguration:   q.SendConfiguration,
		SendSectionFooter:   q.SendSectionFooter,
		SendSwitchoverStart: q.SendSwitchoverStart,
		ClearBitmapShift:    q.ClearBitmapShift,
	}
}
