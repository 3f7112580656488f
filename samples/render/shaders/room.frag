// Floor, walls, mat and furniture. Drawn once a camera (see backdrop.frag), so it may be as costly as it likes.
uniform vec3 floor_colour, wall_colour, mat_colour;
uniform int floor_kind, wall_kind;
const int FLOOR = 10, WALL = 11, MAT = 12, WOOD = 13, METAL = 14, PLANT = 15, WINDOW = 16, FABRIC = 17, FUR = 18;

vec3 floor_tone() {
    if (floor_kind == 1) return floor_colour * (.85 + .3 * grain(at * 30.));                       // carpet
    if (floor_kind == 2) {                                                                         // tiles
        vec2 tile = fract(at.xz / .45);
        float joint = min(min(tile.x, 1. - tile.x), min(tile.y, 1. - tile.y));
        return floor_colour * (.93 + .1 * hash(floor(vec3(at.x, 0, at.z) / .45))) * mix(.72, 1., smoothstep(0., .012, joint));
    }
    float plank = floor(at.x / .14), offset = hash(vec3(plank, 1, 2)) * 1.2, board = floor((at.z + offset) / 1.2);
    float tone = hash(vec3(plank, board, 3)), groove = min(fract(at.x / .14), 1. - fract(at.x / .14));
    return floor_colour * (.8 + .3 * tone) * (.88 + .24 * grain(vec3(at.x * 40., at.z * 3., tone * 9.)))
        * mix(.6, 1., smoothstep(0., .012, groove));
}

vec3 wall_tone() {
    if (at.y < .09) return vec3(.85);
    if (wall_kind == 1) {                                                                          // bricks
        float row = floor(at.y / .075), along = (abs(facing.x) > .5 ? at.z : at.x) / .23 + .5 * mod(row, 2.);
        vec2 f = vec2(fract(along), fract(at.y / .075));
        float joint = smoothstep(0., .05, min(f.x, 1. - f.x)) * smoothstep(0., .12, min(f.y, 1. - f.y));
        return mix(vec3(.72), wall_colour * (.8 + .4 * hash(vec3(floor(along), row, 4))), joint);
    }
    return wall_colour * (.97 + .06 * grain(at * 8.));
}

void main() {
    vec3 tone = vec3(.7);
    if (kind == FLOOR) tone = floor_tone();
    else if (kind == WALL) tone = wall_tone();
    else if (kind == MAT) tone = mat_colour * (.93 + .14 * noise(at * 300.));
    else if (kind == WOOD) tone = vec3(.45, .30, .18) * (.85 + .3 * grain(pattern * vec3(30., 4., 30.)));
    else if (kind == METAL) tone = vec3(.30, .33, .36) * (.9 + .2 * noise(pattern * 200.));
    else if (kind == PLANT) tone = vec3(.12, .30, .20) * (.7 + .6 * noise(pattern * 60.));
    else if (kind == WINDOW) tone = vec3(1.2, 1.3, 1.4);
    else if (kind == FABRIC) tone = vec3(.36, .38, .46) * (.9 + .2 * grain(pattern * 120.));
    else if (kind == FUR) tone = vec3(.55, .40, .26) * (.75 + .5 * grain(pattern * vec3(200., 60., 200.)));
    colour = shaded(tone, normalize(facing), normalize(eye - at), 0., kind == FLOOR ? .06 : .02, 20., vec3(0));
}
