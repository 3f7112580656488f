// A person: procedural skin, face, clothes, hair. Software GL runs every branch for every pixel, so noise is taken once.
uniform vec3 shoulder, elbow, skin, hair, top, bottom, shoes, iris_left, iris_right, brow, mouth, head;
uniform float waist, neckline, sleeve, cuff, ankle;
uniform int barefoot;
const int SKIN = 0, SHELL = 1, LEGS = 2, EYE = 3, BUN = 4, LASH = 5, SHOE = 7;

int dressed() {   // SHELL: top, LEGS: bottom, SKIN: bare
    vec3 q = vec3(abs(pattern.x), pattern.yz), along = elbow - shoulder;
    float down_arm = dot(q - shoulder, along) / dot(along, along);
    if (arm_share > .5) return down_arm < sleeve ? SHELL : SKIN;
    if (pattern.y >= waist) {
        float collar = neckline - .05 * smoothstep(.11, .02, q.x) + (pattern.z < 0. ? .03 : 0.);
        if (pattern.y >= collar) return SKIN;
        bool strap = sleeve < 0. && q.x > shoulder.x - .045 && down_arm > -.25 && pattern.y > shoulder.y - .14;
        return strap ? SKIN : SHELL;
    }
    return pattern.y > cuff ? LEGS : SKIN;
}

vec3 skin_tone(float g) {
    vec3 tone = skin * (.93 + .14 * g), q = vec3(abs(pattern.x), pattern.yz);
    vec3 m = (pattern - mouth) * vec3(1. / .024, 1. / .0095, 1. / .03);
    float lips = (1. - smoothstep(.75, 1.05, length(m.xy))) * step(mouth.z - .02, pattern.z);
    tone = mix(tone, tone * vec3(.80, .50, .50), lips);
    vec3 b = q - brow;
    b.y += b.x * b.x * 6.;
    float hairs = (1. - smoothstep(.018, .024, abs(b.x))) * (1. - smoothstep(.0025, .005, abs(b.y)));
    tone = mix(tone, hair * .8, hairs * step(brow.z - .06, pattern.z) * .85);
    vec3 c = pattern - head;
    float scalp = smoothstep(.045, .055, c.y - c.z * .9 + .012 * g);
    return mix(tone, hair * (.6 + .8 * g), scalp);
}

void main() {
    int what = kind;
    if (what == SKIN || what == SHELL) {
        int worn = dressed();
        if (what == SHELL && worn == SKIN) discard;
        if (worn != SKIN) what = worn;
        else if (barefoot == 0 && pattern.y < ankle) what = SHOE;
    }
    vec3 n = normalize(facing), v = normalize(eye - at);
    if (dot(n, v) < 0.) n = -n;
    float g = noise(pattern * (what == SKIN ? 80. : what == BUN ? 200. : 140.));
    vec3 tone = vec3(.06, .05, .05), rim = vec3(0);
    float shine = .03, gloss = 20., wrap = 0.;
    if (what == SKIN) { tone = skin_tone(g); wrap = .35; shine = .12; rim = vec3(.10, .03, .02); }
    else if (what == SHELL) tone = top * (.92 + .14 * g);
    else if (what == LEGS) tone = bottom * (.92 + .14 * g);
    else if (what == EYE) {
        float d = length((pattern - (pattern.x > 0. ? iris_left : iris_right)).xy);
        tone = mix(vec3(.9, .88, .86), vec3(.25, .17, .1), 1. - smoothstep(.0050, .0058, d));
        tone = mix(tone, vec3(.03), 1. - smoothstep(.0020, .0026, d));
        shine = .6; gloss = 60.;
    }
    else if (what == BUN) { tone = hair * (.5 + g); shine = .18; gloss = 12.; }
    else if (what == SHOE) tone = pattern.y < .012 ? vec3(.35, .35, .38) : shoes * (.95 + .1 * g);
    colour = shaded(tone, n, v, wrap, shine, gloss, rim);
}
