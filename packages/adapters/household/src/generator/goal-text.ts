import type { TaskSpec } from "../task-text.ts";

const state = {
  pick_clean_then_place_in_recep: ["cleanable", "isclean"],
  pick_heat_then_place_in_recep: ["heatable", "ishot"],
  pick_cool_then_place_in_recep: ["coolable", "iscool"],
} as const;

/** The goal of a task as a PDDL s-expression, in the form that game files use. */
export function goalText({ type, object, target }: TaskSpec): string {
  switch (type) {
    case "look_at_obj_in_light":
      return `(and (exists (?ot - object ?r - receptacle ?a - agent ?l - location) (and (objecttype ?ot ${target}type) (toggleable ?ot) (istoggled ?ot) (receptacleatlocation ?r ?l) (atlocation ?a ?l) (inreceptacle ?ot ?r))) (exists (?o - object ?a - agent) (and (objecttype ?o ${object}type) (holds ?a ?o))))`;
    case "pick_two_obj_and_place":
      return `(and (exists (?r - receptacle) (exists (?o1 - object) (and (objecttype ?o1 ${object}type) (receptacletype ?r ${target}type) (inreceptacle ?o1 ?r) (exists (?o2 - object) (and (not (= ?o1 ?o2)) (objecttype ?o2 ${object}type) (receptacletype ?r ${target}type) (inreceptacle ?o2 ?r)))))))`;
    case "pick_and_place_simple":
      return `(and (exists (?r - receptacle) (exists (?o - object) (and (inreceptacle ?o ?r) (objecttype ?o ${object}type) (receptacletype ?r ${target}type)))))`;
    case "pick_clean_then_place_in_recep":
    case "pick_heat_then_place_in_recep":
    case "pick_cool_then_place_in_recep": {
      const [able, is] = state[type];
      return `(and (exists (?r - receptacle) (exists (?o - object) (and (${able} ?o) (objecttype ?o ${object}type) (receptacletype ?r ${target}type) (${is} ?o) (inreceptacle ?o ?r)))))`;
    }
  }
}
