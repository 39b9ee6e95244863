// Shapes of the public contract that the console relies on; not served, read by the type check alone.

export type Role = "admin" | "dispatcher" | "worker";
export type Lang = "ru" | "en";
export type Criticality = "critical" | "important" | "common";
export type CallStatus = "new" | "accepted" | "completed" | "rejected";
export type Step = "acknowledged" | "en_route" | "on_scene" | "transporting" | "at_hospital" | "completed";
export type AssignmentStatus = "assigned" | Step | "declined" | "cancelled" | "diverted" | "troubled";

export interface Point { lat: number; lon: number }

export interface Patient {
  name: string; surname: string; patronym: string; sex: "male" | "female" | null; age: number | null; notes?: string;
}

export interface Assignment {
  id: number; call_id: number; team_id: number; status: AssignmentStatus;
  milestones: Record<string, string | null>;
  ended_at?: string | null; trouble_kind?: string | null; end_comment?: string; hospital_id?: number | null;
  eta_s?: number | null; arrives_at?: string | null; arrival_approximate?: boolean; proposed?: ProposedStep | null; version: number; assigned_by?: number | null; assigned_at?: string;
}

/** A step that the positions tell of. */
export interface ProposedStep { step: Step; at: string; distance_m?: number; noticed_at?: string; team_id?: number }

/** Something that asks for attention. */
export interface Attention {
  id: number; rule: string; call_id: number | null; assignment_id: number | null; team_id: number | null; since: string; raised_at: string;
  level: number; acknowledged_at: string | null; acknowledged_by: number | null; ended_at: string | null;
  /** Of a call for help from a car. */
  car_id: number | null; car_number: string | null; location: Point | null; place_at: string | null;
}

export interface Zone { id: number; district: string; south: number; west: number; north: number; east: number; demand: number; covered: number }
export interface Bare { zone_id: number; district: string; location: Point; uncovered: number }
export interface Preview { team_id: number; share: number; loss: number; barest: Bare[] }
export interface CoverageAnswer {
  share: number; threshold_s: number; norm_s: number; free_teams: number; zones: Zone[]; barest: Bare[]; previews: Preview[]; approximate: boolean; computed_at: string;
}

export interface Call {
  id: number; number: number; status: CallStatus; criticality: Criticality;
  reason: string; reason_code?: string | null; address: string;
  address_details?: { entrance?: string; floor?: string; flat?: string; intercom?: string; landmark?: string }; district?: string;
  location: Point | null; received_at: string; caller_phone: string; caller_name?: string; comment?: string;
  patient: Patient | null; required_profile?: string | null; assignments: Assignment[]; version: number;
  closed_at?: string | null; reject_reason?: string | null; accepted_at?: string | null;
}

export interface User {
  id: number; login: string; role: Role; name: string; surname: string; patronym: string;
  phone?: string; language?: Lang; active: boolean; version: number; permissions?: string[]; team_id?: number | null;
}

export interface Car {
  id: number; number: string; class: "A" | "B" | "C"; model: string; serviceable: boolean;
  serviceability?: string; station_id?: number | null; version: number;
}

export interface Team {
  id: number; name: string; profile: string; members: Array<{ id: number; name: string; surname: string; patronym?: string; phone?: string }>;
  car: { id: number; number: string; class?: string; model?: string; serviceable?: boolean } | null;
  station_id: number | null; shift_start: string; shift_end: string;
  free: boolean; on_break_since?: string | null; on_shift?: boolean; ended_at?: string | null;
  location: Point | null; position_at: string | null; version: number;
}

export interface Position {
  team_id: number; car_id: number; lat: number; lon: number; at: string; received_at?: string;
  speed_mps?: number | null; heading_deg?: number | null; accuracy_m?: number | null; stale?: boolean;
}

export interface Station { id: number; name: string; address?: string; phone?: string; location: Point; version?: number }
export interface Hospital extends Station { profiles?: string[]; accepting?: boolean }
export interface Reason { code: string; title_ru: string; title_en: string; criticality: Criticality; profile?: string | null; active?: boolean }
export interface Norm {
  id: number; norm_set: string; criticality: Criticality; clock_start: string; clock_stop: string;
  target_s: number; share?: number; statistic?: string; active?: boolean;
}

export interface Snapshot {
  seq: number; epoch: string; at: string; role: Role; me: User;
  calls: Call[]; teams: Team[]; positions: Position[]; stations: Station[]; hospitals: Hospital[];
  reasons: Reason[]; norms: Norm[]; attention?: Attention[];
  attention_rules?: Array<{ code: string; title_ru: string; title_en: string }>;
  proposed_steps?: Array<ProposedStep & { assignment_id: number }>;
  settings: { heartbeat_s?: number; stale_after_s?: number; time_zone?: string; undo_s?: number; [key: string]: unknown };
  unread: number;
}

export interface Actor { kind?: string; id?: number | null; name?: string | null }

export interface EventFrame {
  type: "event"; seq: number; kind: string; at: string; actor: Actor | null;
  data: Record<string, any>; old?: Record<string, any>;
}

export interface Candidate {
  team_id: number; name?: string; team?: string; profile?: string; eta_s: number | null; distance_m?: number | null;
  approximate?: boolean; position_age_s?: number | null; suitable?: boolean;
  reasons?: Array<string | { code: string; text?: string; [key: string]: unknown }>;
  [key: string]: unknown;
}

export interface Notice {
  id: number; kind: string; call_id?: number | null; team_id?: number | null; text?: string; title?: string;
  data?: Record<string, any>; created_at: string; read_at?: string | null;
}

export interface Page<T> { items: T[]; next_cursor: string | null }
