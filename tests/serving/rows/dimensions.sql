insert into dim_region by name
select * from (values
    ('11', 'Île-de-France'), ('24', 'Centre-Val de Loire'), ('27', 'Bourgogne-Franche-Comté'), ('28', 'Normandie'),
    ('32', 'Hauts-de-France'), ('44', 'Grand Est'), ('52', 'Pays de la Loire'), ('53', 'Bretagne'),
    ('75', 'Nouvelle-Aquitaine'), ('76', 'Occitanie'), ('84', 'Auvergne-Rhône-Alpes'),
    ('93', 'Provence-Alpes-Côte d''Azur'), ('94', 'Corse')
) as t (code_region, nom_region), (select true as est_metropolitaine);
update dim_region set est_dans_perimetre_rte = code_region <> '94';
insert into dim_departement by name
select * from (values ('35', 'Ille-et-Vilaine', '53'), ('2A', 'Corse-du-Sud', '94'), ('75', 'Paris', '11'))
as t (code_departement, nom_departement, code_region), (select true as est_metropolitain);
insert into dim_filiere by name
select * from (values
    ('nucleaire', 'Nucléaire', 1, true, true), ('eolien', 'Éolien', 2, true, true),
    ('solaire', 'Solaire', 3, true, true), ('hydraulique', 'Hydraulique', 4, true, true),
    ('bioenergies', 'Bioénergies', 5, true, true), ('gaz', 'Gaz', 6, true, false),
    ('charbon', 'Charbon', 7, true, false), ('fioul', 'Fioul', 8, true, false),
    ('thermique', 'Thermique (gaz, charbon et fioul)', 9, false, true)
) as t (filiere, libelle, ordre, est_nationale, est_regionale), (select true as est_production);
insert into dim_secteur by name
select * from (values ('residentiel', 'Résidentiel', 1), ('tertiaire', 'Tertiaire', 2), ('industrie', 'Industrie', 3))
as t (code_secteur, nom_secteur, ordre);
